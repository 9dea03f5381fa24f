"""The widgets of single settings that no general kind fits, and the choice of a widget for every setting."""

import streamlit as st

from pages.train.settings.widgets import (
    FormState,
    NumberField,
    Segments,
    Slider,
    Toggle,
    ValueSlider,
    Widget,
    key,
)
from ser.data.data_sets import DATA_SETS, RAVDESS, SHIPPED_CORPORA, corpora_of
from ser.emotions import LABELS, described
from ser.errors import TrainingError
from ser.features.sets import FEATURE_SETS
from ser.training.setting_fields import SETTINGS, Setting
from ser.training.setting_values import MAX_LAYERS, Choice, Number, Range, Switch, Values

PROTOCOLS = {
    "heldout": ("Held-out actors", "A fair test on a few voices that the model never heard."),
    "random": (
        "Random split",
        "A leaky test: it learns from the voices it is tested on, so the score is too good.",
    ),
    "emobox": ("EmoBox, six folds", "A fair test on every actor, as in published work. It trains six times."),
    "loso": ("Leave one speaker out", "A fair test on every actor. It trains once for each of them."),
    "clips": ("Folds of clips", "A leaky test on every clip. It suits a few clips of your own voice."),
}

# So many speakers are held out of a data set whose speakers were not chosen before.
_FEW_ACTORS = 2


class LayerSliders(Widget):
    """How many layers, and how wide each is."""

    def fill(self, name: str, value: tuple[int, ...]) -> None:
        st.session_state["train_layers"] = len(value)
        # A layer that is added later starts as wide as the last.
        for layer in range(MAX_LAYERS):
            st.session_state[f"train_units_{layer + 1}"] = value[min(layer, len(value) - 1)]

    def draw(self, setting: Setting, form: FormState) -> tuple[int, ...]:
        count = st.slider(setting.label, 1, MAX_LAYERS, help=setting.help, **key("layers"))
        units = []
        for layer in range(1, count + 1):
            now = st.session_state[f"train_units_{layer}"]
            about = "How many neurons the layer has." if layer == 1 else None
            units.append(
                st.slider(
                    f"Units in layer {layer}", min(4, now), max(1024, now), step=4, help=about, **key(f"units_{layer}")
                )
            )
        return tuple(units)


class ChangesField(Widget):
    """Epochs from which on another learning rate holds."""

    def fill(self, name: str, value: tuple[tuple[int, float], ...]) -> None:
        st.session_state[f"train_{name}"] = ", ".join(f"{epoch}: {rate:g}" for epoch, rate in value)

    def draw(self, setting: Setting, form: FormState) -> list[list[float]]:
        text = st.text_input(
            setting.label, help=setting.help, disabled=form.disabled, placeholder="none", **key(setting.name)
        )
        try:
            pairs = [part.split(":") for part in text.split(",") if part.strip()]
            return [[int(epoch), float(rate)] for epoch, rate in pairs]
        except ValueError as error:
            raise TrainingError(
                f"The changes of the learning rate are “{text}”; an epoch and a rate, as in “20: 0.0003”, are needed."
            ) from error


class GroupPills(Widget):
    """Groups of the features of the chosen set."""

    def fill(self, name: str, value: tuple[str, ...]) -> None:
        for each, features in FEATURE_SETS.items():
            st.session_state[f"train_groups_{each}"] = [group for group in value if group in features.groups]

    def draw(self, setting: Setting, form: FormState) -> tuple[str, ...]:
        chosen = form.chosen["feature_set"]
        return tuple(
            st.pills(
                setting.label,
                FEATURE_SETS[chosen].groups,
                selection_mode="multi",
                wrap=True,
                help=setting.help,
                **key(f"groups_{chosen}"),
            )
        )


class CorpusPills(Widget):
    """Which of the shipped data sets to learn from, at least one."""

    def fill(self, name: str, value: tuple[str, ...]) -> None:
        st.session_state[f"train_{name}"] = list(value)

    def draw(self, setting: Setting, form: FormState) -> tuple[str, ...]:
        chosen = st.pills(
            setting.label,
            SHIPPED_CORPORA,
            selection_mode="multi",
            format_func=lambda corpus: f"{DATA_SETS[corpus].title} ({DATA_SETS[corpus].language})",
            help=setting.help,
            # One's own clips alone are of no data set.
            disabled=form.disabled or form.data.source == "own",
            **key(setting.name),
        )
        if not chosen:
            raise TrainingError("No data set is chosen; at least one is needed. Choose one under Data.")
        return tuple(chosen)


class EmotionPills(Widget):
    """Which labels to tell apart, out of those that the data have."""

    def fill(self, name: str, value: tuple[str, ...]) -> None:
        for known in ("emotions", "emotions_fewer"):
            st.session_state[f"train_{known}"] = list(value)
        if set(value) - set(LABELS):
            for source in ("own", "both"):
                st.session_state[f"train_emotions_{source}"] = list(value)

    def draw(self, setting: Setting, form: FormState) -> tuple[str, ...]:
        options, own = form.data.emotions, form.data.source != "published"
        # A data set with fewer emotions has a choice of its own, so that none is lost for the others.
        name = f"emotions_{form.data.source}" if own else "emotions" if options == list(LABELS) else "emotions_fewer"
        chosen = st.session_state.get(f"train_{name}")
        # Own labels come and go with the clips; those of a file may not be here at all.
        kept = [label for label in options if chosen is None or label in chosen]
        if own and chosen is not None:
            known = st.session_state.get(f"{name}_known", options)
            kept = [label for label in options if label in chosen or label not in known]
        st.session_state[f"{name}_known"] = options
        if kept != chosen:
            st.session_state[f"train_{name}"] = kept
        return tuple(
            st.pills(
                setting.label,
                options,
                selection_mode="multi",
                wrap=True,
                format_func=lambda label: f"{described(label).emoji} {label}",
                help=setting.help,
                **key(name),
            )
        )


class ProtocolRadio(Widget):
    """How the score comes about, out of what the data allow."""

    def fill(self, name: str, value: str) -> None:
        for source in ("", "_own", "_both"):
            st.session_state[f"train_{name}{source}"] = value

    def draw(self, setting: Setting, form: FormState) -> str:
        source, actors = form.data.source, len(form.data.actors)
        speakers = ["heldout", "emobox", "loso", "random", "clips"]
        options = {"published": speakers, "both": speakers[1:]}
        names = options.get(source, ["clips", "loso", "random"] if actors > 1 else ["clips", "random"])
        name = setting.name if source == "published" else f"{setting.name}_{source}"
        if st.session_state.get(f"train_{name}") not in names:
            st.session_state[f"train_{name}"] = names[0]
        return st.radio(
            setting.label,
            names,
            format_func=lambda each: PROTOCOLS[each][0],
            captions=[PROTOCOLS[each][1] for each in names],
            **key(name),
        )


class ActorPills(Widget):
    """Speakers, out of those that the data have."""

    def fill(self, name: str, value: tuple[int, ...]) -> None:
        st.session_state[f"train_{name}"] = list(value)

    def draw(self, setting: Setting, form: FormState) -> tuple[int, ...]:
        held_out = st.session_state[f"train_{setting.name}"]
        if form.data.source != "published":
            # Of no effect with one's own clips, among whose speakers these actors are not.
            return tuple(held_out)
        if held_out and not set(held_out) & set(form.data.actors):
            # They are of a data set that is not learnt from.
            usual = [actor for actor in setting.default if actor in form.data.actors]
            held_out = st.session_state[f"train_{setting.name}"] = usual or form.data.actors[:_FEW_ACTORS]
        options = sorted({*form.data.actors, *held_out})
        return tuple(
            st.pills(
                setting.label,
                options,
                selection_mode="multi",
                wrap=True,
                format_func=_actor,
                help=setting.help,
                disabled=form.disabled,
                **key(setting.name),
            )
        )


def _actor(number: int) -> str:
    """The number of an actor of RAVDESS, or a speaker's name in another data set."""
    corpus = DATA_SETS[corpora_of([number])[0]] if corpora_of([number]) else RAVDESS
    return str(number) if corpus is RAVDESS else f"{corpus.title} {corpus.speaker(number)}"


def _widget(setting: Setting) -> Widget:
    """The widget for what a setting may be."""
    match setting.offered or setting.allowed:
        case Range() as offered:
            return Slider(offered)
        case Values() as offered:
            return ValueSlider(offered)
        case Choice() as allowed:
            return Segments(allowed)
        case Switch():
            return Toggle()
        case Number() as allowed:
            return NumberField(allowed)
    raise TypeError(f"There is no widget for the setting {setting.name}.")


_SPECIAL: dict[str, Widget] = {
    "hidden_layers": LayerSliders(),
    "learning_rate_changes": ChangesField(),
    "groups": GroupPills(),
    "corpora": CorpusPills(),
    "emotions": EmotionPills(),
    "protocol": ProtocolRadio(),
    "test_actors": ActorPills(),
}
WIDGETS: dict[str, Widget] = {name: _SPECIAL.get(name) or _widget(setting) for name, setting in SETTINGS.items()}
