"""Mixes a stream's channels to mono, resamples it block by block, and measures peak and clipping on the way."""

from dataclasses import dataclass, field

import numpy as np
import soxr

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.decoding.streams import Stream
from ser.audio.waveform import MAX_SECONDS
from ser.errors import AudioError

MIN_RATE = 8_000
MAX_RATE = 192_000
LONGEST = MAX_SECONDS + 0.5
"""Seconds that may be decoded: an encoder's padding must not make a ten-minute clip too long."""

_MAX_PEAK = 100.0  # Float files may pass full scale (1.0), but 40 dB above it is not audio in floats any more.


@dataclass
class Decoded:
    """What has been decoded of a file so far.

    Attributes:
        samples: mono, at `rate`, part by part.
        rate: sampling rate in Hz of `samples`; 0 before the first block.
        native_rate: sampling rate in Hz of the first part.
        channels: number of channels of the first part.
        format: name of the first part's format.
        tracks: names of the first part's audio tracks.
        track: index of the decoded track.
        notes: sentences for `Waveform.notes`.
        peak: largest absolute value of any channel.
        held: number of values that stand at full scale.
        values: number of values in all channels.
        bits: bits of the first part's samples if they are integers, else 0.
    """

    samples: list[np.ndarray] = field(default_factory=list)
    rate: int = 0
    native_rate: int = 0
    channels: int = 0
    format: str = ""
    tracks: tuple[str, ...] = ("",)
    track: int = 0
    notes: list[str] = field(default_factory=list)
    peak: float = 0.0
    held: int = 0
    values: int = 0
    bits: int = 0

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return sum(map(len, self.samples)) / self.rate if self.rate else 0.0


def mix(file: ByteReader, part: Part, stream: Stream, decoded: Decoded) -> list[np.ndarray]:
    """Mono pieces of a stream at `decoded.rate`; what is measured is added to `decoded`, the pieces are not."""
    pieces: list[np.ndarray] = []
    resampler, current_rate, low_bits, peak, count = None, 0, False, 0.0, 0
    step = 2.0 ** (part.bits - 1)
    for rate, block in stream.blocks:
        if rate != current_rate:
            if not MIN_RATE <= rate <= MAX_RATE:
                raise file.error(
                    f"is sampled at {rate} Hz; 8000 to 192000 Hz can be used. Record it at 16000 Hz or more."
                )
            _flush(resampler, pieces)
            current_rate, decoded.native_rate = rate, decoded.native_rate or rate
            decoded.channels, decoded.rate = decoded.channels or block.shape[1], decoded.rate or rate
            resampler = (
                soxr.ResampleStream(rate, decoded.rate, 1, dtype="float32", quality="HQ")
                if rate != decoded.rate
                else None
            )
        highest = float(np.abs(block).max(initial=0.0))
        _check_values(file, highest)
        peak = max(peak, highest)
        if part.valid_bits < part.bits and not low_bits:
            spare = 1 << part.bits - part.valid_bits
            low_bits = bool((np.rint(block * step).astype(np.int64) % spare).any())
        decoded.held += _held_at_full_scale(block, lossy=stream.lossy)
        decoded.values += block.size
        mono = block.mean(axis=1) if block.shape[1] > 1 else block[:, 0]
        pieces.append(resampler.resample_chunk(mono) if resampler else mono)
        count += len(pieces[-1])
        if decoded.seconds + count / decoded.rate > LONGEST:
            raise too_long(file, None)
    _flush(resampler, pieces)
    # By rights the spare bits are the lowest, and zero. Some programs leave the highest empty instead.
    if low_bits and peak * step < 2.0 ** (part.valid_bits - 1):
        gain = np.float32(2.0 ** (part.bits - part.valid_bits))
        pieces, peak = [piece * gain for piece in pieces], peak * float(gain)
        decoded.notes.append(rescaled(part.valid_bits, part.bits))
    decoded.peak = max(decoded.peak, peak)
    return pieces


def rescaled(valid: int, bits: int) -> str:
    """The note that integers of `valid` bits in `bits` bits were scaled up."""
    return (
        f"The samples are {valid}-bit numbers stored in {bits} bits, {6.02 * (bits - valid):.0f} dB too faint. "
        "They were scaled up."
    )


def too_long(file: ByteReader, seconds: float | None) -> AudioError:
    """The error for a clip that lasts longer than `MAX_SECONDS`; `seconds` is None where the length is not known."""
    most = f"{MAX_SECONDS // 60} min" if MAX_SECONDS % 60 == 0 else f"{MAX_SECONDS} s"
    length = f"more than {most}" if seconds is None else "{} min {} s".format(*divmod(round(seconds), 60))
    return file.error(f"is {length} long; at most {most} can be used. Cut out the part you need.")


def _flush(resampler: soxr.ResampleStream | None, pieces: list[np.ndarray]) -> None:
    if resampler is not None:
        pieces.append(resampler.resample_chunk(np.empty(0, np.float32), last=True))


def _check_values(file: ByteReader, highest: float) -> None:
    if not np.isfinite(highest):
        raise file.error("holds values that are not numbers (NaN or infinite). Export it again.")
    if highest > _MAX_PEAK:
        raise file.error(f"reaches {highest:.3g}, but float audio lies within ±1. Scale it down and export it again.")


def _held_at_full_scale(block: np.ndarray, *, lossy: bool) -> int:
    """Count the values in runs of at least three at full scale; one or two there are a loud peak, not clipping."""
    # 8 bits end at 0.992. Floats may lawfully pass 1, and clipping is flat besides, unless lossy coding made it ripple.
    full = np.abs(block) >= (0.999 if lossy else 0.99)
    if not full.any():
        return 0
    run = full[2:] & full[1:-1] & full[:-2]
    if not lossy:
        same = block[1:] == block[:-1]
        run &= same[1:] & same[:-1]
    held = np.zeros_like(full)
    for offset in range(3):
        held[offset : len(held) - 2 + offset] |= run
    return int(held.sum())
