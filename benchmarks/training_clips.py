"""How often a model's training clip is not recognised, and how often another clip is taken for one.

    python -m benchmarks.training_clips

Every clip of RAVDESS is encoded as MP3 at 64 kbit/s and Opus at 24 kbit/s and compared with all 1,440 as they were
recorded (`ser.model.training_clips`). Missed: the clip's own recording lies at the threshold or beyond. False: another
recording lies below it; the nearest are by the same actor in the same words and emotion. Actor 7 has two clips with the
same bytes, which count as one. Prints both for each feature set and several thresholds. Needs the RAVDESS audio; about
eight minutes on two processors.
"""

import io

import numpy as np
import soundfile
from joblib import Parallel, cpu_count, delayed

from ser.audio.augmentation import CODECS, codec
from ser.audio.decoding.decoder import decode
from ser.data.ravdess import default_source, open_source
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.features.sets import FEATURE_SETS
from ser.model.training_clips import NEAREST, distances_to, index_clips
from ser.training.threads import one_blas_thread

RATE = 48_000
COPIES = ("mp3", "opus")
STEPS = (-0.02, -0.01, 0.0, 0.01, 0.02)


def copies(names: list[str]) -> dict[tuple[str, str], list[np.ndarray]]:
    """Features of encoded copies.

    Args:
        names: of RAVDESS's clips.

    Returns:
        (codec, feature set) → a vector for each clip.
    """
    one_blas_thread()
    found = {(each, name): [] for each in COPIES for name in FEATURE_SETS}
    with open_source(default_source()) as source:
        for name in names:
            plain = decode(source.read(name), rate=RATE)
            for each in COPIES:
                file = io.BytesIO()
                soundfile.write(file, codec(plain, each).samples, RATE, format="WAV", subtype="FLOAT")
                for set_name, wanted in FEATURE_SETS.items():
                    waveform = decode(file.getvalue(), rate=wanted.rate, levelled=wanted.levelled)
                    found[each, set_name].append(wanted.extract(waveform))
    return found


def rates(title: str, table: FeatureTable, set_name: str, vectors: np.ndarray) -> None:
    """Print missed and false shares.

    Args:
        title: what the vectors are of.
        table: all clips.
        set_name: the feature set of the vectors.
        vectors: a copy of each clip of the table, in its order.
    """
    sha = table.clips["sha"].to_numpy()
    known = index_clips(table.matrix(set_name), set_name)
    own, others = np.zeros(len(table)), np.zeros(len(table))
    for row, vector in enumerate(vectors):
        found, same = distances_to(known, vector, set_name), sha == sha[row]
        own[row], others[row] = found[same].min(), found[~same].min()
    for threshold in (round(NEAREST[set_name] + step, 3) for step in STEPS):
        missed, false = (own >= threshold).mean(), (others < threshold).mean()
        print(f"{set_name:9} {title:12} below {threshold:.2f}: missed {missed:7.2%}, false {false:7.2%}", flush=True)


if __name__ == "__main__":
    table = load_table()
    names = table.clips["name"].tolist()
    parts = Parallel(n_jobs=cpu_count())(
        delayed(copies)(names[place : place + 60]) for place in range(0, len(names), 60)
    )
    for set_name in FEATURE_SETS:
        rates("as recorded", table, set_name, table.matrix(set_name))
        for each in COPIES:
            title = f"{each.upper()} {CODECS[each][2] // 1000}k"
            rates(title, table, set_name, np.concatenate([part[each, set_name] for part in parts]))
