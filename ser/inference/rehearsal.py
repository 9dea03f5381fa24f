"""Carries out once what an answer needs, so that forks of this process share all that is imported and prepared."""

import numpy as np

from ser.audio.augmentation import VIEWS
from ser.audio.waveform import Waveform, wav_bytes
from ser.inference.clip_features import ClipFeatures, FeatureDemand, extract_whole
from ser.inference.sound import decode_sound
from ser.inference.timeline import TimelineFeatures, timeline_features
from ser.steps import finish

_RATE = 48_000
_SECONDS = 5  # long enough for a timeline


def rehearse() -> None:
    """Extract all that is extracted of a clip from a made-up one."""
    seconds = np.arange(_SECONDS * _RATE) / _RATE
    voice = sum(np.sin(2 * np.pi * 120 * harmonic * seconds) / harmonic for harmonic in range(1, 20))
    data = wav_bytes(Waveform.of(0.05 * voice * (np.sin(2 * np.pi * 2 * seconds) > -0.5), _RATE))
    extract_all(data, FeatureDemand("standard", tuple(VIEWS)))
    decode_sound(data)


def extract_all(data: bytes, demand: FeatureDemand) -> tuple[ClipFeatures, TimelineFeatures]:
    """All that is extracted of a clip for its answer."""
    clip_features = extract_whole(data, demand)
    return clip_features, finish(timeline_features(data, clip_features, demand))
