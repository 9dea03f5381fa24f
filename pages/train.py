"""Train: choose how a network learns, watch it, judge it on voices it never heard, and use it."""

import streamlit as st

from pages.shared import resources, run_view, session
from pages.shared.settings_form import changes, n_parameters, pick_preset, settings_form
from ser.errors import SerError
from ser.run import TrainingRun

st.title("Train a model of your own", anchor=False)
st.markdown("Choose how a multi-layer perceptron learns, watch it, and see how it does on voices that it never heard.")

controls, result = st.columns([2, 3], gap="large")
try:
    with controls:
        pick_preset()
        settings = settings_form()
        run = session.visitor().run
        busy = run is not None and not run.snapshot().over
        if changed := changes(settings):
            st.caption(f"Changed: {'; '.join(changed)}.")
        st.markdown(f"**{n_parameters(settings):,}** parameters to learn")
        if st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train_start",
            width="stretch",
            disabled=busy,
            help="One training at a time: stop the one under way first." if busy else None,
        ):
            session.visitor().run = TrainingRun(settings, resources.table())
            session.visitor().run.start()
            st.rerun()  # for the button to know
except SerError as error:
    controls.error(str(error), icon=":material/block:")

with result:
    run = session.visitor().run
    if run is None:
        st.info(
            "The curves grow here. Press **Train**: the quick try takes a few seconds.", icon=":material/show_chart:"
        )
    else:
        run_view.watch(run)
