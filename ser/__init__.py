"""Speech emotion recognition on named acoustic features, judged on held-out speakers.

One package a stage; each imports only from those below it:

- `cli`, `reports` and `figures` show results;
- `exploration` and `experiments` compute what the pages Explore and Train show;
- `evaluation` judges models: protocols, scores, the human baseline, robustness, other data sets;
- `inference` answers: from a clip and a model to a prediction, a timeline and an explanation;
- `training` turns settings and a feature table into a model;
- `model` is the trained model: networks, calibration, novelty, card, storage, export;
- `data` reads data sets: archives, labels, RAVDESS, the feature table, splits;
- `features` turns a waveform into a named vector;
- `audio` turns the bytes of a clip into a waveform.

Nothing in here imports Streamlit: the pages, the command line (`ser`) and a script of your own call the same functions.
"""

__all__ = ["audio", "data", "evaluation", "features", "inference", "model", "training"]
