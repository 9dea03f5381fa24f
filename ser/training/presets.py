"""Named settings to start from."""

from dataclasses import replace

from ser.training.settings import TrainingSettings

# What the notebook did: its four emotions, its features, no scaling, a random split with its seed, and
# scikit-learn's default stop (ten epochs without a lower training loss).
NOTEBOOK = TrainingSettings(
    feature_set="notebook",
    emotions=("calm", "happy", "fearful", "disgust"),
    hidden_layers=(300,),
    solver="adam",
    alpha=0.01,
    learning_rate=0.001,
    schedule="adaptive",
    batch_size=256,
    epochs=500,
    patience=10,
    scale=False,
    balanced=False,
    members=1,
    corpora=("ravdess",),
    copies=0,
    views=False,
    mixup=0.0,
    smoothing=0.0,
    limit=0.0,
    emphasis=1.0,
    calibration_folds=0,
    protocol="random",
    seed=9,
)

# One network, the clips as they were recorded, and actors to watch it by: seconds on any machine.
_PLAIN = replace(
    TrainingSettings(),
    batch_size=64,
    schedule="constant",
    members=1,
    corpora=("ravdess",),
    copies=0,
    views=False,
    mixup=0.0,
    smoothing=0.0,
    validation=0.2,
    calibration_folds=0,
    protocol="heldout",
)
PRESETS: dict[str, TrainingSettings] = {
    "shipped": TrainingSettings(),
    "fast": replace(_PLAIN, hidden_layers=(64,), alpha=3.0, epochs=20),
    "notebook": NOTEBOOK,
    "small": replace(_PLAIN, hidden_layers=(16,), activation="tanh", alpha=1.0, epochs=60, patience=15),
    "wide": replace(_PLAIN, hidden_layers=(1024,), alpha=10.0, epochs=40, patience=10),
    # For a visitor's handful of recordings: nothing can be spared to watch, or to calibrate by.
    "few": replace(
        TrainingSettings(),
        hidden_layers=(64,),
        members=3,
        corpora=("ravdess",),
        epochs=40,
        batch_size=16,
        validation=0.0,
        calibration_folds=0,
        protocol="clips",
    ),
}
