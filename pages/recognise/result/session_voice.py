"""The voice in the visitor's clips so far: a profile of them that answers adapt to, if the visitor wants that."""

import streamlit as st

from pages.recognise import state, texts
from pages.recognise.state import EXAMPLE, InputClip
from ser.inference.clip_features import ClipFeatures
from ser.inference.enrolment import unlabelled_profile
from ser.model.card import Score
from ser.model.emotion_model import EmotionModel
from ser.model.store import StoredModel
from ser.model.voice_profile import VoiceProfile

# A voice may be another at the end of a long session, and the mean of so many clips changes little.
_MOST_CLIPS = 20
# The warning about a clip in which there may be no voice at all.
_NO_SPEECH = "no_voice"


def gather(clip: InputClip, clip_features: ClipFeatures) -> None:
    """Take note of a clip that was answered; examples have another's voice, and a recording counts once."""
    visitor = state.current()
    if any(warning.code == _NO_SPEECH for warning in clip_features.warnings):
        return
    known = visitor.spoken.get(clip.sha)
    if known is clip_features or clip.origin == EXAMPLE or clip.sha in visitor.forgotten:
        return
    spoken = visitor.spoken | {clip.sha: clip_features}
    # One more than is used, because a clip is not compared with itself.
    visitor.spoken = dict(list(spoken.items())[-_MOST_CLIPS - 1 :])
    visitor.profiles = {}


def profile_of_others(clip: InputClip, model: EmotionModel) -> VoiceProfile | None:
    """Return the profile of the other clips so far; None if the visitor does not want one, or there are none."""
    visitor = state.current()
    if not visitor.adapting or clip.origin == EXAMPLE or not model.adapts:
        return None
    others = _others(clip, model)
    if not others:
        return None
    # Clips that are not among the last ones share a profile.
    key = (clip.sha if clip.sha in visitor.spoken else "", id(model))
    if key not in visitor.profiles:
        # The model is kept beside it: as long as it is, no other model can have its id.
        visitor.profiles[key] = model, unlabelled_profile(list(others.values()), model)
    return visitor.profiles[key][1]


def switch(clip: InputClip | None, stored: StoredModel) -> None:
    """Show the switch, what it does, what it adds by the model's card, and a button that forgets the voice.

    `clip` is the only one on the page, if there is one.
    """
    visitor = state.current()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.session_state["recognise_adapting"] = visitor.adapting
        st.toggle(
            "Adapt to my voice from my clips so far",
            key="recognise_adapting",
            on_change=_turn,
            disabled=visitor.voice is not None,
            help=texts.ADAPTING_HELP,
        )
        if visitor.adapting and visitor.spoken and visitor.voice is None:
            st.button("Forget my voice", icon=":material/delete:", key="recognise_adapting_forget", on_click=forget)
    if visitor.voice is not None:
        st.caption(texts.NEUTRAL_PROFILE_FIRST)
        return
    sentences = [texts.ADAPTING]
    if visitor.adapting and clip is not None:
        count = len(_others(clip, stored.model))
        sentences += [texts.adapts_to(count, clip.origin == EXAMPLE), _gain(stored.card.held_out_score, count)]
    st.caption(" ".join(filter(None, sentences)))


def _others(clip: InputClip, model: EmotionModel) -> dict[str, ClipFeatures]:
    """The other clips so far that have the model's features, by hash, the newest last."""
    spoken = state.current().spoken
    others = {sha: each for sha, each in spoken.items() if sha != clip.sha and each.feature_set == model.feature_set}
    return dict(list(others.items())[-_MOST_CLIPS:])


def _gain(score: Score | None, count: int) -> str | None:
    """What the card says of so many clips, in a sentence; None if it does not say."""
    known = (score.details.get("unlabelled_uar_by_clips") if score else None) or {}
    judged = [int(each) for each in known if int(each) <= count]
    return texts.adapting_gains(max(judged), score.uar, known[str(max(judged))], score.data_set) if judged else None


def _turn() -> None:
    state.current().adapting = st.session_state["recognise_adapting"]


def forget() -> None:
    """Forget the voice in the clips so far, and no longer adapt to it."""
    visitor = state.current()
    visitor.adapting, visitor.spoken, visitor.profiles = False, {}, {}
    # They are still on the page, but no longer count.
    visitor.forgotten = frozenset(clip.sha for clip in visitor.clips)
