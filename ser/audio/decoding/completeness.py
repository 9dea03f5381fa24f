"""Refuses a file that ends too early, and notes what else is missing from a part."""

from ser.audio.containers.part import Part
from ser.audio.containers.parts import cut_off, damaged
from ser.audio.containers.reader import ByteReader
from ser.audio.decoding.mixing import Decoded
from ser.audio.decoding.streams import Stream
from ser.audio.waveform import MIN_SECONDS

_TOLERANCE = 0.1  # Seconds. Encoders' delays and padding stay under this; a file that lacks more was cut.
_CAPTURED = ("MP3", "MP2")  # Formats of radio streams, whose length no header gives.
_PADDED_HEADER = 1 << 13  # Bytes.


def is_short(stream: Stream, seconds: float) -> bool:
    """Whether fewer seconds were decoded than the headers announce."""
    return stream.seconds is not None and seconds < stream.seconds - _TOLERANCE


def check_complete(
    file: ByteReader, part: Part, stream: Stream, decoded: Decoded, seconds: float, number: int, total: int
) -> None:
    """Judge part `number` of `total`, of which `seconds` were decoded; notes go to `decoded`."""
    if stream.broken == "unreadable" and total == 1 and not part.cut:
        raise file.error(
            f"holds sound in a coding that cannot be read ({part.format.name}). Save it as MP3 or plain WAV."
        )
    short = is_short(stream, seconds)
    broken = part.damaged or stream.broken in ("damaged", "unreadable") or (short and part.whole)
    # Bytes are missing, or the decoder met the end too early and nothing before it was wrong.
    cut = (part.cut and (short or stream.seconds is None)) or (not broken and (short or stream.broken == "cut"))
    if not cut and not (broken and (short or stream.broken or part.damaged)):
        return
    if total > 1 and not seconds and part.size < _PADDED_HEADER:
        return  # a header alone, left by a program that could not go back to the first one
    whole = f" of {stream.seconds:.1f} s" if short else ""
    if total > 1:
        which = f"Recording {number} of {total} in this file is {'cut off' if cut else 'damaged'}"
        decoded.notes.append(
            f"{which}: {seconds:.1f} s{whole} could be read, and the answer is based on what could be read."
        )
    elif cut and short:
        raise file.error(
            f"is cut off: it announces {stream.seconds:.1f} s of sound and holds {seconds:.1f} s. "
            "Copy, export or record it again."
        )
    elif cut and part.format.name in _CAPTURED and seconds >= MIN_SECONDS:
        decoded.notes.append(
            "The file ends in the middle of a frame, as a recorded stream does. If it was longer, the rest is missing: "
            f"the answer is based on {seconds:.1f} s."
        )
    elif cut:
        raise cut_off(file, part.format)
    elif seconds < MIN_SECONDS:
        raise damaged(file, part.format)
    else:
        decoded.notes.append(
            f"The file is damaged: {seconds:.1f} s{whole} could be read, and the answer is based on these. "
            "Copy, export or record it again."
        )
