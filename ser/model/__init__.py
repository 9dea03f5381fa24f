"""A trained model: networks, calibration, novelty, voice profile, card, storage and export."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "calibration": ["calibrate"],
        "card": ["ModelCard", "card_of"],
        "emotion_model": ["EmotionModel"],
        "onnx_export": ["export_onnx"],
        "store": ["ModelStore", "StoredModel"],
        "voice_profile": ["VoiceProfile"],
    },
)
