"""The ways from a clip to an answer or to features that are measured side by side, one clip at a time."""

from collections.abc import Callable, Sequence

import numpy as np

from ser.audio.augmentation import VIEWS
from ser.audio.decoding.decoder import decode
from ser.audio.quality import assess
from ser.benchmark.extractors import notebook_by_librosa, one_stft, opensmile_extractors
from ser.features.sets import feature_set
from ser.inference.clip_features import QUALITY_RATE, extract_whole, vectors_of
from ser.inference.prediction import answer, predict
from ser.model.emotion_model import EmotionModel


def ways_to_answer(files: Sequence[bytes], model: EmotionModel) -> dict[str, Callable[[int], object]]:
    """Key of a line → what it does with the clip of a number, for the whole way to an answer and for its parts."""
    extractor = feature_set(model.feature_set)
    waveforms = [decode(file, rate=extractor.rate) for file in files]
    recorded = [decode(file, rate=QUALITY_RATE) for file in files]
    extracted = [extract_whole(file, model, name="clip") for file in files]

    def view_features(view: str) -> Callable[[int], np.ndarray]:
        return lambda i: extractor.extract(extractor.prepared(VIEWS[view](waveforms[i])))

    return {
        "answer": lambda i: predict(files[i], model, name="clip"),
        "decoding": lambda i: decode(files[i], rate=extractor.rate),
        "features": lambda i: vectors_of(waveforms[i], extractor, model.views),
        "features_as_recorded": lambda i: vectors_of(waveforms[i], extractor, ()),
        **{f"features_view_{i}": view_features(view) for i, view in enumerate(model.views, start=1)},
        "quality": lambda i: assess(recorded[i]),
        "networks": lambda i: answer(extracted[i], model),
        "decoding_stft": lambda i: one_stft(decode(files[i], rate=QUALITY_RATE)),
    }


def ways_to_features(files: Sequence[bytes]) -> dict[str, Callable[[int], object]]:
    """Key of a line → what it does with the clip of a number, for features of a clip that is decoded already."""
    standard, notebook = feature_set("standard"), feature_set("notebook")
    levelled = [standard.prepared(decode(file, rate=standard.rate)) for file in files]
    full = [notebook.prepared(decode(file, rate=notebook.rate)) for file in files]

    def opensmile_features(extract: Callable) -> Callable[[int], object]:
        return lambda i: extract(levelled[i])

    return {
        "standard": lambda i: standard.extract(levelled[i]),
        "notebook": lambda i: notebook.extract(full[i]),
        "notebook_librosa": lambda i: notebook_by_librosa(full[i].samples, full[i].rate),
        **{key: opensmile_features(extract) for key, extract in opensmile_extractors().items()},
    }
