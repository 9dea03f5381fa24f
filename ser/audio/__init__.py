"""From bytes to a `Waveform`: file formats, decoding, speech activity, quality, augmentation and playback."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "augmentation": ["augmented"],
        "decoding.decoder": ["Decoder", "decode"],
        "playback": ["playable"],
        "quality": ["assess"],
        "recording": ["measure_recording"],
        "waveform": ["Waveform", "wav_bytes"],
    },
)
