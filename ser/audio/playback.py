"""Makes files that every browser plays.

Chromium, Firefox and Safari all play 16-bit PCM in WAV, and MP3. Of other formats each plays some: AIFF, ALAC, AMR and
GSM or ADPCM in WAV are silent in most. A file with odd headers is decoded as well, because a browser reads it only up
to where its first header ends.
"""

import io

from ser.audio.containers.framed import tag_size
from ser.audio.containers.parts import find_parts
from ser.audio.containers.reader import ByteReader
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import wav_bytes
from ser.errors import AudioError

RATE = 16_000
"""Sampling rate in Hz of what was decoded: the `standard` features use no more, and ten minutes take 19 MB."""


def playable(data: bytes, *, name: str | None = None) -> tuple[bytes, str]:
    """Turn a clip's file into one that every browser plays.

    Args:
        data: the file.
        name: what to call it in an error; by default "recording".

    Returns:
        The file as it is, or a mono PCM16 WAV of its sound at `RATE`; and the MIME type.

    Raises:
        AudioError: it cannot be used, as `ser.audio.decode` says.
    """
    known = browser_type(data)
    if known is not None:
        return data, known
    return wav_bytes(decode(data, rate=RATE, name=name)), "audio/wav"


def browser_type(data: bytes) -> str | None:
    """MIME type of a file that every browser plays to its last sample; None if some browser may fail or stop early."""
    stream = io.BytesIO(data)
    try:
        file = find_parts(ByteReader("recording", len(data), stream.read, stream.seek))
    except AudioError:
        return None
    part = file.parts[0]
    if len(file.parts) > 1 or file.unread or part.cut or part.damaged:
        return None
    if part.format.name == "MP3":
        # Its first frame counts the others, so a browser knows the length. Nothing but a tag may stand before it.
        return "audio/mpeg" if part.sndfile and part.spans[0][0] == tag_size(data[:4096]) else None
    regular = part.whole and data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") == len(data) - 8
    return "audio/wav" if regular and part.format.name == "WAV" and part.bits == part.valid_bits == 16 else None
