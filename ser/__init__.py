"""Speech emotion recognition on named acoustic features, judged on voices the model never heard.

Two flows meet in a model:

- a clip becomes an answer: `audio` → `quality` → `features` → `model` → `prediction` → `figures`;
- a data set becomes a model: `ravdess` → `features` → `table` → `splits` → `training` → `evaluation` → `store`.

A model is judged by `evaluation` on actors it never heard, by `robustness` on the same speech recorded otherwise
(`augmentation`), and by `crosscorpus` on other sets of clips (`corpora`).

Imports point one way along these flows, and nothing in here imports Streamlit: the pages of the demo, the command
line (`python -m ser`) and a script of your own all call the same functions.
"""
