"""How often a headline says that there is no speech, for what is none and for speech: `python -m benchmarks.headlines`.

Bars: at least 95 of 100 sounds of each group (noise, music, silence, tones) are called no speech or unlike it; of clean
clips through a laptop's microphone at most 10 of 100 are. The sounds and the microphone are made up (`sounds.py`). The
clips come from EMO-DB (a zip or folder) and nEMO, fifty each, of speakers that the thresholds were not looked at with.
"""

import argparse
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.sounds import KINDS, RATE, laptop, not_speech
from ser.audio.decoding.decoder import Decoder
from ser.errors import SilentError
from ser.inference.headline import NO_SPEECH, headline
from ser.inference.prediction import predict
from ser.model.emotion_model import EmotionModel
from ser.model.store import DEFAULT_NAME, ModelStore

# Speakers whose clips are scored; thresholds were compared with clips of the others, and sounds of seed 1.
SPEAKERS = {"EMO-DB": ("12", "13", "14", "15", "16"), "nEMO": ("MP0", "SM0", "TP0", "WR0")}
SEED = 2


def topic_of(samples: np.ndarray, model: EmotionModel) -> str:
    """The topic of the headline that samples at 16 kHz get, as a 16-bit WAV; a refused silent clip has no speech."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), RATE, format="WAV", subtype="PCM_16")
    try:
        return headline(predict(file.getvalue(), model)).topic
    except SilentError:
        return NO_SPEECH


def files_of(source: Path) -> Mapping[str, bytes]:
    """The audio files in a zip or a folder, by name, read when they are asked for."""
    if source.is_dir():
        return _Lazy({path.name: path.read_bytes for path in source.rglob("*.*")})
    archive = zipfile.ZipFile(source)
    return _Lazy({name.split("/")[-1]: (lambda name=name: archive.read(name)) for name in archive.namelist()})


class _Lazy(Mapping):
    def __init__(self, readers: dict) -> None:
        self.readers = {name: read for name, read in readers.items() if name.endswith((".wav", ".flac"))}

    def __getitem__(self, name: str) -> bytes:
        return self.readers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.readers))

    def __len__(self) -> int:
        return len(self.readers)


def main() -> None:
    """Print the share of each group of sound, and of clean clips, that gets such a headline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emodb", type=Path, required=True, help="zip or folder with EMO-DB")
    parser.add_argument("--nemo", type=Path, required=True, help="zip or folder with clips of nEMO")
    parser.add_argument("--sounds", type=int, default=100, help="how many of each group")
    parser.add_argument("--clips", type=int, default=50, help="how many of each data set")
    options = parser.parse_args()
    model = ModelStore().load(DEFAULT_NAME).model
    found: dict[str, Counter] = {}
    for group in KINDS:
        found[group] = Counter(topic_of(not_speech(group, i, SEED), model) for i in range(options.sounds))
    for name, source in (("EMO-DB", options.emodb), ("nEMO", options.nemo)):
        files, rng = files_of(source), np.random.default_rng(SEED)
        usable = [each for each in files if each.startswith(SPEAKERS[name])]
        for each in rng.choice(usable, min(options.clips, len(usable)), replace=False):
            samples = Decoder().decode(files[str(each)], rate=RATE, name=str(each)).samples.astype(np.float64)
            found.setdefault(f"{name}, as recorded", Counter())[topic_of(samples, model)] += 1
            found.setdefault(f"{name}, laptop", Counter())[topic_of(laptop(samples, rng), model)] += 1
    for name, counts in found.items():
        guesses = sum(counts[topic] for topic in ("no speech", "unlike")) / counts.total()
        print(f"{name:22} {100 * guesses:5.1f} %  {json.dumps(counts)}")


if __name__ == "__main__":
    main()
