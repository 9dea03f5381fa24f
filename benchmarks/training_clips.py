"""Measures how often a model fails to recognise a training clip, and how often it takes another clip for one.

    python -m benchmarks.training_clips

Every RAVDESS clip is encoded as MP3 at 64 kbit/s and as Opus at 24 kbit/s. The clip as recorded and its two copies are
compared with all 1,440 clips as recorded (`ser.model.training_clips`). A clip is *missed* if the distance to its own
recording reaches the threshold. It is a *false* match if another recording lies below the threshold; the nearest others
are by the same actor with the same sentence and emotion. Actor 7 has two clips with identical bytes; they count as one.

Prints the share of missed clips and false matches for each feature set, codec and several thresholds. Needs the RAVDESS
audio. Takes about eight minutes on two cores.
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
from ser.threads import one_blas_thread

RATE = 48_000
CLIPS_PER_JOB = 60
CODEC_NAMES = ("mp3", "opus")
STEPS = (-0.02, -0.01, 0.0, 0.01, 0.02)  # from the threshold in use


def encoded_features(names: list[str]) -> dict[tuple[str, str], list[np.ndarray]]:
    """Features of encoded copies of some RAVDESS clips: (codec, feature set) → one vector per clip."""
    one_blas_thread()
    vectors = {(codec_name, set_name): [] for codec_name in CODEC_NAMES for set_name in FEATURE_SETS}
    with open_source(default_source()) as source:
        for name in names:
            original = decode(source.read(name), rate=RATE)
            for codec_name in CODEC_NAMES:
                file = io.BytesIO()
                soundfile.write(file, codec(original, codec_name).samples, RATE, format="WAV", subtype="FLOAT")
                for set_name, each in FEATURE_SETS.items():
                    waveform = decode(file.getvalue(), rate=each.rate, levelled=each.levelled)
                    vectors[codec_name, set_name].append(each.extract(waveform))
    return vectors


def print_rates(title: str, table: FeatureTable, set_name: str, vectors: np.ndarray) -> None:
    """Print the shares of missed clips and false matches; `vectors` holds a copy of each clip, in the table's order."""
    sha = table.clips["sha"].to_numpy()
    index = index_clips(table.matrix(set_name), set_name)
    own, others = np.zeros(len(table)), np.zeros(len(table))
    for row, vector in enumerate(vectors):
        distances, same = distances_to(index, vector, set_name), sha == sha[row]
        own[row], others[row] = distances[same].min(), distances[~same].min()
    for threshold in (round(NEAREST[set_name] + step, 3) for step in STEPS):
        missed, false = (own >= threshold).mean(), (others < threshold).mean()
        print(f"{set_name:9} {title:12} below {threshold:.2f}: missed {missed:7.2%}, false {false:7.2%}", flush=True)


def main() -> None:
    """Encode, extract, compare, print."""
    table = load_table()
    names = table.clips["name"].tolist()
    parts = Parallel(n_jobs=cpu_count())(
        delayed(encoded_features)(names[start : start + CLIPS_PER_JOB]) for start in range(0, len(names), CLIPS_PER_JOB)
    )
    for set_name in FEATURE_SETS:
        print_rates("as recorded", table, set_name, table.matrix(set_name))
        for codec_name in CODEC_NAMES:
            title = f"{codec_name.upper()} {CODECS[codec_name][2] // 1000}k"
            print_rates(title, table, set_name, np.concatenate([part[codec_name, set_name] for part in parts]))


if __name__ == "__main__":
    main()
