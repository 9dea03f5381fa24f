"""Other recordings of the same speech: microphones, codecs, lines, noise and rooms, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ser.audio import augmentation
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform, wav_bytes

#: Number of voices in the babble.
N_VOICES = 4


@dataclass(frozen=True)
class Change:
    """Another recording of the same speech.

    Attributes:
        about: the change in words.
        alter: makes the changed waveform out of a waveform, the voices of the babble and a seed.
    """

    about: str
    alter: Callable[[Waveform, Sequence[Waveform], int], Waveform]


def _gain(decibels: int) -> Change:
    return Change(f"{decibels:+d} dB and nothing else", lambda w, voices, seed: augmentation.gain(w, decibels))


def _sixteen_bits(decibels: int) -> Change:
    return Change(
        f"{decibels:+d} dB, then rounded to 16 bits",
        lambda w, voices, seed: decode(wav_bytes(augmentation.gain(w, decibels))),
    )


def _codec(name: str, title: str) -> Change:
    kilobits = augmentation.CODECS[name][2] // 1000
    return Change(f"{title} at {kilobits} kbit/s", lambda w, voices, seed: augmentation.codec(w, name))


def _noise(name: str, ratio: int) -> Change:
    alter = {
        "white": lambda w, voices, seed: augmentation.noise(w, ratio, seed=seed),
        "babble": lambda w, voices, seed: augmentation.babble(w, ratio, voices, seed=seed),
        "hum": lambda w, voices, seed: augmentation.hum(w, ratio, seed=seed),
    }[name]
    about = {
        "white": "white noise",
        "babble": f"{N_VOICES} training actors talking meanwhile",
        "hum": "hum of the mains at 50 Hz and its harmonics",
    }[name]
    return Change(f"{about}, {ratio} dB under the voice", alter)


def _room(about: str, reverberation: float, ratio: float) -> Change:
    return Change(
        f"{about}: RT60 {reverberation:g} s, direct sound {ratio:g} dB over the reverberation",
        lambda w, voices, seed: augmentation.room(w, reverberation, ratio, seed=seed),
    )


#: Name → change, in the order of reports.
CHANGES: dict[str, Change] = {
    "gain -12 dB": _gain(-12),
    "gain -6 dB": _gain(-6),
    "gain +6 dB": _gain(6),
    "gain +12 dB": _gain(12),
    "16 bit": _sixteen_bits(0),
    "16 bit -12 dB": _sixteen_bits(-12),
    "MP3 64k": _codec("mp3", "MP3"),
    "Opus 24k": _codec("opus", "Opus"),
    "AAC 64k": _codec("aac", "AAC"),
    "telephone": Change("300 to 3400 Hz at 8 kHz", lambda w, voices, seed: augmentation.telephone(w)),
    "white 20 dB": _noise("white", 20),
    "white 10 dB": _noise("white", 10),
    "babble 20 dB": _noise("babble", 20),
    "babble 10 dB": _noise("babble", 10),
    "hum 20 dB": _noise("hum", 20),
    "hum 10 dB": _noise("hum", 10),
    "small room": _room("a living room", 0.3, 6),
    "large room": _room("a hall", 0.9, 0),
    "leading silence": Change("1 s of digital silence before", lambda w, voices, seed: augmentation.pad(w, 1, 0)),
    "trailing silence": Change("1 s of digital silence after", lambda w, voices, seed: augmentation.pad(w, 0, 1)),
    "clipping": Change("the loudest 2 % of the samples cut off", lambda w, voices, seed: augmentation.clip(w, 0.02)),
    "speed -5 %": Change("5 % slower and lower", lambda w, voices, seed: augmentation.speed(w, 0.95)),
    "speed +5 %": Change("5 % faster and higher", lambda w, voices, seed: augmentation.speed(w, 1.05)),
}  # fmt: skip
