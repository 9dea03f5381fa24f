"""Export of a model as ONNX and JSON in a zip, with an example that runs without this package.

The graph computes what `EmotionModel.probabilities` computes for one view of a clip, in double precision, so both give
the same numbers. `ser.inference.prediction.predict` does more: it averages over the other views of the model, and it
lowers the confidence for clips that are unlike the training clips. For the model of `one_view`, `predict` answers as
the graph does. The zip holds no pickle.
"""

import functools
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np

from ser.features.sets import feature_set
from ser.model.degradation import Degradation
from ser.model.emotion_model import EmotionModel, Gate, Network
from ser.model.store import StoredModel

OPSET = 17
_ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}

EXAMPLE = '''"""Answer for one clip's features. Needs numpy and onnxruntime alone."""
import json
import numpy as np
import onnxruntime
card = json.load(open("card.json", encoding="utf-8"))
example = json.load(open("example.json", encoding="utf-8"))
features = np.array([example["features"]], dtype=np.float32)  # one clip, in the order of card["inputs"]
[probabilities] = onnxruntime.InferenceSession("model.onnx").run(None, {"features": features})
print(json.dumps(dict(zip(card["labels"], probabilities[0].tolist()))))
'''

README = """A model that tells which emotion a voice sounds like.

To try it, install numpy and onnxruntime ("pip install numpy onnxruntime"), and run "python example.py" in this folder.

model.onnx    takes features, gives probabilities, in the order of "inputs" and "labels" in card.json
card.json     what the model is, what it learnt from and how it was tested
example.json  the features of one clip, and the probabilities that this model gave for it
example.py    answers for that clip

The package that made this file computes the features of a clip of your own:

    from ser.audio.decoding.decoder import decode
    from ser.features.sets import feature_set
    wanted = feature_set("{feature_set}")
    features = wanted.extract(decode("clip.wav", rate=wanted.rate, levelled=wanted.levelled))

The numbers differ a little from those of the demo, because the demo does more.{views}
It cuts clips of more than 6 s into windows. It also warns of clips that are unlike all that the model learnt from.
Nothing here warns: music gets an answer too. The scores in card.json are those of the demo.

The model tells how a voice sounds, not what anyone feels. Licence: {licence}
"""


def export_onnx(stored: StoredModel, features: np.ndarray) -> bytes:
    """Export a model.

    Args:
        stored: model and card.
        features: vector of the clip in the example, shape (n_features,).

    Returns:
        Bytes of a zip with model.onnx, card.json, example.json, example.py and README.txt.
    """
    model = one_view(stored.model)
    vector = np.asarray(features, dtype=np.float32)
    answer = model.probabilities(vector[None])[0]
    example = {
        "features": [float(value) for value in vector],
        "probabilities": dict(zip(model.labels, answer.tolist(), strict=True)),
    }
    card = stored.card.to_json() | {"name": stored.name, "inputs": list(feature_set(model.feature_set).names)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.onnx", onnx_bytes(model))
        archive.writestr("card.json", json.dumps(card, indent=1, ensure_ascii=False))
        archive.writestr("example.json", json.dumps(example, indent=1))
        archive.writestr("example.py", EXAMPLE)
        archive.writestr("README.txt", _readme(stored))
    return buffer.getvalue()


def one_view(model: EmotionModel) -> EmotionModel:
    """The model as it is exported: one view, without novelty detector, voice profile and training clips."""
    return replace(model, views=(), novelty_detector=None, training_clips=None, emotion_offsets=None)


def _readme(stored: StoredModel) -> str:
    model = stored.model
    versions = 1 + len(model.views)
    views = f" It averages over {versions} versions of each clip,\nand this file uses one." if versions > 1 else ""
    return README.format(feature_set=model.feature_set, licence=stored.card.licence, views=views)


def onnx_bytes(model: EmotionModel) -> bytes:
    """The checked ONNX graph: float32 "features" (n, n_features) in, double "probabilities" (n, n_labels) out."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph()
    scaled = graph.node("Cast", "features", to=TensorProto.DOUBLE)
    scaled = graph.node("Gather", scaled, graph.constant(model.columns.astype(np.int64)), axis=1)
    scaled = graph.node("Sub", scaled, graph.double(model.mean))
    scaled = graph.node("Div", scaled, graph.double(model.scale))
    if model.clip_at:
        scaled = graph.node(
            "Clip", scaled, graph.double(np.array(-model.clip_at)), graph.double(np.array(model.clip_at))
        )
    mixed, log_temperature = graph.ensemble(scaled, model.networks), None
    temperature = model.trust.general.temperature
    if model.gate is not None:
        # The specialists' share of the answer, shape (n, 1).
        share = graph.between(scaled, model.gate)
        difference = graph.node("Sub", graph.ensemble(scaled, model.specialists), mixed)
        mixed = graph.node("Add", mixed, graph.node("Mul", share, difference))
        if model.trust.specialist is not None:
            ratio = np.log(model.trust.specialist.temperature / temperature)
            log_temperature = graph.node("Mul", share, graph.number(float(ratio)))
    if model.degradation is not None:
        slopes = graph.double(model.degradation.slopes[:, None])
        rise = graph.node("MatMul", graph.between(scaled, model.degradation), slopes)
        log_temperature = rise if log_temperature is None else graph.node("Add", log_temperature, rise)
    if temperature != 1.0 or log_temperature is not None:
        logarithms = graph.node("Log", graph.node("Max", mixed, graph.number(1e-12)))
        divided = graph.node("Div", logarithms, graph.number(float(temperature)))
        if log_temperature is not None:
            divided = graph.node("Div", divided, graph.node("Exp", log_temperature))
        mixed = graph.node("Softmax", divided, axis=1)
    graph.nodes.append(helper.make_node("Identity", [mixed], ["probabilities"]))
    n_features = len(feature_set(model.feature_set).names)
    built = helper.make_graph(
        graph.nodes,
        "emotions",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", n_features])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["n", len(model.labels)])],
        graph.constants,
    )
    # An old IR version, that runtimes of many years read.
    whole = helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(whole, full_check=True)
    return whole.SerializeToString()


class _Graph:
    """Nodes and constants in the order they are added, each named by a number."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def ensemble(self, scaled: str, networks: tuple[Network, ...]) -> str:
        """The mean probabilities of networks, from their inputs."""
        probabilities = []
        for network in networks:
            hidden = scaled
            for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
                hidden = self.node("Add", self.node("MatMul", hidden, self.double(weight)), self.double(bias))
                if layer < len(network.weights):
                    hidden = self.node(_ACTIVATIONS[network.activation], hidden)
            probabilities.append(self.node("Softmax", hidden, axis=1))
        total = functools.reduce(functools.partial(self.node, "Add"), probabilities)
        return self.node("Div", total, self.number(float(len(networks))))

    def between(self, scaled: str, measure: Gate | Degradation) -> str:
        """Where inputs lie between the low and the high values of a measure, 0 to 1, shape (n, number of values)."""
        value = self.node("MatMul", scaled, self.double(np.atleast_2d(measure.weights).T))
        value = self.node("Sub", value, self.constant(np.array(measure.low, dtype=np.float64)))
        value = self.node("Div", value, self.constant(np.array(measure.high - measure.low, dtype=np.float64)))
        return self.node("Clip", value, self.number(0.0), self.number(1.0))

    def number(self, value: float) -> str:
        """A constant number in double precision."""
        return self.constant(np.array(value, dtype=np.float64))

    def constant(self, values: np.ndarray) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def double(self, values: np.ndarray) -> str:
        """A constant to calculate with in double precision, stored as it is: weights in single take half the room."""
        from onnx import TensorProto

        if values.dtype == np.float64:
            return self.constant(values)
        return self.node("Cast", self.constant(values), to=TensorProto.DOUBLE)
