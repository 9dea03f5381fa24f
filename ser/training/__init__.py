"""Training: settings, presets, the training loop, and fitting with calibration."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fitting": ["fit"],
        "presets": ["PRESETS"],
        "settings": ["TrainingSettings"],
        "trainer": ["train"],
    },
)
