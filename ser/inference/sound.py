"""What is shown, played and measured of one clip, besides the answer to it."""

import os
from dataclasses import dataclass, field

from ser.audio.decoding.decoder import Decoder
from ser.audio.playback import RATE
from ser.audio.quality import QualityMeasures, measure_quality
from ser.audio.waveform import Waveform, wav_bytes
from ser.features.spectrograms import Spectrogram, mel_spectrogram


@dataclass(frozen=True)
class Sound:
    """What is shown, played and measured of one clip; it can be sent from one process to another.

    Attributes:
        waveform: at `ser.audio.playback.RATE`, as recorded.
        spectrogram: the mel spectrogram.
        wav: a file that every browser plays.
        measured: the quality of the recording.
    """

    waveform: Waveform
    spectrogram: Spectrogram
    wav: bytes = field(repr=False)
    measured: QualityMeasures


def decode_sound(
    source: bytes | str | os.PathLike[str], *, name: str | None = None, decoder: Decoder | None = None
) -> Sound:
    """Decode a clip and make what is shown, played and measured of it; `AudioError` if it cannot be used."""
    waveform = (decoder or Decoder()).decode(source, rate=RATE, name=name)
    return Sound(waveform, mel_spectrogram(waveform), wav_bytes(waveform), measure_quality(waveform))
