"""Sounds with known properties, and files of every format made from them in memory."""

import io

import av
import numpy as np
import scipy.signal
import soundfile


def voice(seconds: float = 2.0, rate: int = 16_000, *, level: float = -26.0, pause: float = 0.4) -> np.ndarray:
    """A voice-like sound: a gliding 100 to 160 Hz buzz through the formants of /a/, in syllables, between two pauses.

    Args:
        seconds: length in seconds, pauses included.
        rate: sampling rate in Hz.
        level: RMS of the voiced part in dBFS.
        pause: seconds of a room's faint hiss (60 dB below the voice) before and after.

    Returns:
        Float32 of shape (n,).
    """
    n = round(seconds * rate)
    t = np.arange(n) / rate
    pitch = 130 + 30 * np.sin(2 * np.pi * 0.8 * t)
    phase = np.cumsum(pitch) / rate
    harmonics = min(45, int(0.45 * rate / 160))
    buzz = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, harmonics + 1))
    for formant in (700, 1200, 2600):
        buzz = buzz + scipy.signal.lfilter(*scipy.signal.iirpeak(formant, 8, fs=rate), buzz)
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
    spoken = (t >= pause) & (t < seconds - pause)
    sound = buzz * syllables * spoken
    sound *= 10 ** (level / 20) / np.sqrt(np.mean(sound[spoken] ** 2))
    hiss = 10 ** ((level - 60) / 20) * np.random.default_rng(0).standard_normal(n)
    return (sound + hiss).astype(np.float32)


def tone(frequency: float, seconds: float = 2.0, rate: int = 16_000, amplitude: float = 0.1) -> np.ndarray:
    """A sine, float32 of shape (n,)."""
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def file(samples: np.ndarray, rate: int, form: str = "WAV", subtype: str | None = None) -> bytes:
    """What libsndfile writes for samples of shape (n,) or (n, channels)."""
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=form, subtype=subtype)
    return stream.getvalue()


_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1", 16: "hexadecagonal"}


def ffmpeg_file(samples: np.ndarray, rate: int, container: str, codec: str, **options: str) -> bytes:
    """What FFmpeg writes for samples of shape (n,) or (n, channels), in memory."""
    # Packed, because PyAV writes past the planes of eight channels or more.
    packed = np.ascontiguousarray(samples.reshape(1, -1), dtype=np.float32)
    layout = _LAYOUTS[1 if samples.ndim == 1 else samples.shape[1]]
    stream = io.BytesIO()
    with av.open(stream, "w", format=container, options=options) as out:
        track = out.add_stream(codec, rate=rate, layout=layout)
        if codec.startswith("wma"):  # has no bit rate by default
            track.bit_rate = 96_000
        whole = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        whole.sample_rate, whole.pts = rate, 0
        fifo = av.AudioFifo()
        for part in av.AudioResampler(format=track.codec_context.codec.audio_formats[0], layout=layout).resample(whole):
            fifo.write(part)
        while (frame := fifo.read(track.codec_context.frame_size or 1024, partial=True)) is not None:
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
    return stream.getvalue()


def two_tracks(
    container: str, codec: str, first: np.ndarray, second: np.ndarray, rate: int, *, default: int | None = None
) -> bytes:
    """A file with two mono audio tracks of shape (n,), `default` marked as the one to play."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        added = [out.add_stream(codec, rate=rate, layout="mono") for _ in range(2)]
        for track in added:
            track.bit_rate = 96_000
        if default is not None:
            for number, track in enumerate(added):
                track.disposition = av.stream.Disposition.default if number == default else av.stream.Disposition(0)
        for track, samples in zip(added, (first, second), strict=True):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], dtype=np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = rate, 0
            fifo = av.AudioFifo()
            for part in av.AudioResampler(format=track.codec_context.codec.audio_formats[0], layout="mono").resample(
                frame
            ):
                fifo.write(part)
            while (part := fifo.read(track.codec_context.frame_size or 1024, partial=True)) is not None:
                out.mux(track.encode(part))
            out.mux(track.encode(None))
    return stream.getvalue()


def video_file(container: str = "mp4", codec: str = "mpeg4") -> bytes:
    """One second of grey pictures and not a sound."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        track = out.add_stream(codec, rate=10)
        track.width, track.height, track.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            out.mux(track.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24")))
        out.mux(track.encode(None))
    return stream.getvalue()
