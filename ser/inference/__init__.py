"""From a clip and a model to an answer: prediction, batches, timeline, enrolment, explanation, results."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "batch": ["extract_batch"],
        "clip_features": ["extract_clip"],
        "enrolment": ["adapt", "enrol"],
        "explanation": ["explain", "nearest"],
        "prediction": ["Prediction", "answer", "predict"],
        "timeline": ["follow"],
    },
)
