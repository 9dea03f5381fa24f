"""The file of a model: its arrays in NumPy's .npz format, with a JSON header for what is not an array.

The file is read with `allow_pickle=False`, so nothing in it can run code.
"""

import io
import json
import zipfile
from dataclasses import asdict

import numpy as np

from ser.errors import ModelStoreError
from ser.model.degradation import Degradation
from ser.model.emotion_model import Calibration, EmotionModel, Gate, Network, NoveltyDetector, Trust

SUFFIX = ".npz"

_HEADER = "header"


def to_bytes(model: EmotionModel) -> bytes:
    """The bytes of a model's file.

    Weights are stored as float16; rounding them changes no probability by more than about 0.0002. `training_clips` are
    left out: `ser.model.store` computes them from the feature table.
    """
    header = {
        "labels": list(model.labels),
        "feature_set": model.feature_set,
        "feature_names": list(model.feature_names),
        "networks": [network.activation for network in model.networks],
        "specialists": [network.activation for network in model.specialists],
        "gate": [model.gate.low, model.gate.high] if model.gate else None,
        "trust": asdict(model.trust),
        "adapted_trust": asdict(model.adapted_trust),
        "settings": model.settings,
        "limit": model.clip_at,
        "views": list(model.views),
        "new_speakers": model.novelty_detector.new_speakers if model.novelty_detector else None,
    }
    arrays = {"mean": model.mean, "scale": model.scale, "emotion_offsets": model.emotion_offsets}
    if model.gate:
        arrays |= {"gate.weights": model.gate.weights, "gate.centre": model.gate.centre}
    if model.degradation:
        arrays |= {f"degradation.{name}": getattr(model.degradation, name) for name in _DEGRADATION}
    for group, networks in (("networks", model.networks), ("specialists", model.specialists)):
        for number, network in enumerate(networks):
            for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
                arrays[f"{group}.{number}.weight{layer}"] = weight.astype(np.float16)
                arrays[f"{group}.{number}.bias{layer}"] = bias
    if model.novelty_detector:
        arrays |= {f"{_DETECTOR}.{name}": getattr(model.novelty_detector, name) for name in _DETECTOR_ARRAYS}
    buffer = io.BytesIO()
    kept = {name: array for name, array in arrays.items() if array is not None}
    # Keywords are the names of the arrays; the type stubs take them for options.
    np.savez_compressed(buffer, **{_HEADER: np.array(json.dumps(header))}, **kept)  # type: ignore[arg-type]
    return buffer.getvalue()


def from_bytes(data: bytes) -> EmotionModel:
    """The model whose file has these bytes, in half precision.

    Raises `ModelStoreError` if it is no such file, or if this version does not compute the features of the model.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays[_HEADER]))
        model = EmotionModel(
            labels=tuple(header["labels"]),
            feature_set=header["feature_set"],
            feature_names=tuple(header["feature_names"]),
            mean=arrays["mean"],
            scale=arrays["scale"],
            networks=_networks(header["networks"], arrays, "networks"),
            trust=_trust(header["trust"]),
            settings=header["settings"],
            clip_at=header["limit"],
            views=tuple(header["views"]),
            specialists=_networks(header["specialists"], arrays, "specialists"),
            gate=_gate(header["gate"], arrays),
            adapted_trust=_trust(header["adapted_trust"]),
            degradation=_degradation(arrays),
            emotion_offsets=arrays.get("emotion_offsets"),
            novelty_detector=_novelty_detector(header["new_speakers"], arrays),
        )
    except (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ModelStoreError(
            f"The model file has not the parts that a model needs ({error}). Train the model again."
        ) from error
    model.columns  # noqa: B018 - fails here, at the gate, if the features are not those of this version
    return model


_DEGRADATION = ("weights", "low", "high", "slopes")
# What model files have called the novelty detector from the beginning.
_DETECTOR = "familiarity"
_DETECTOR_ARRAYS = ("components", "spread", "distances", "mean", "scale")


def _novelty_detector(new_speakers: bool | None, arrays: dict[str, np.ndarray]) -> NoveltyDetector | None:
    if new_speakers is None:
        return None
    return NoveltyDetector(
        components=arrays[f"{_DETECTOR}.components"],
        spread=arrays[f"{_DETECTOR}.spread"],
        distances=arrays[f"{_DETECTOR}.distances"],
        mean=arrays.get(f"{_DETECTOR}.mean"),
        scale=arrays.get(f"{_DETECTOR}.scale"),
        new_speakers=new_speakers,
    )


def _gate(bounds: list[float] | None, arrays: dict[str, np.ndarray]) -> Gate | None:
    if bounds is None:
        return None
    low, high = bounds
    return Gate(arrays["gate.weights"], low, high, arrays["gate.centre"])


def _degradation(arrays: dict[str, np.ndarray]) -> Degradation | None:
    if "degradation.weights" not in arrays:  # as in files of older versions
        return None
    return Degradation(*(arrays[f"degradation.{name}"] for name in _DEGRADATION))


def _trust(record: dict) -> Trust:
    specialist = record["specialist"]
    return Trust(Calibration(**record["general"]), Calibration(**specialist) if specialist else None)


def _networks(activations: list[str], arrays: dict[str, np.ndarray], group: str) -> tuple[Network, ...]:
    found = []
    for number, activation in enumerate(activations):
        layers = sum(name.startswith(f"{group}.{number}.weight") for name in arrays)
        weights = [arrays[f"{group}.{number}.weight{layer}"].astype(np.float32) for layer in range(layers)]
        biases = [arrays[f"{group}.{number}.bias{layer}"] for layer in range(layers)]
        found.append(Network(activation, tuple(weights), tuple(biases)))
    return tuple(found)
