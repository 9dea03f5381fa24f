"""The game on the page: the clip on the table, eight buttons, the result, and the score at the end."""

import streamlit as st

from pages.common import models
from pages.common.player import player
from pages.common.server.counters import sentence_of
from pages.recognise import extraction, state
from pages.recognise.examples.clips import ActedClip
from pages.recognise.game import texts
from pages.recognise.game.state import ROUNDS, GameState, Round, current
from ser.emotions import EMOTIONS
from ser.errors import SerError
from ser.inference.clip_features import ClipFeatures
from ser.inference.prediction import Prediction, answer
from ser.model.emotion_model import EmotionModel

# Pixels; two of these buttons fit beside each other on a phone.
_WIDTH = 155
# The lines behind these buttons begin below each other.
_REPLAY_WIDTH = 105


def show() -> None:
    """Show the game where the visitor left it."""
    game = current()
    with st.container(border=True):
        if not game.clips:
            _introduce(game)
        elif game.over:
            _finish(game)
        else:
            _play(game)


def _introduce(game: GameState) -> None:
    st.markdown(texts.rules(ROUNDS))
    st.button("Start", key="recognise_game_start", icon=":material/play_arrow:", type="primary", on_click=game.start)


def _play(game: GameState) -> None:
    """Show the clip on the table, and the buttons to guess or what everybody said."""
    head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    bar = st.container()
    _sound(game.clip)
    if game.guessed:
        _reveal(game)
    else:
        _ask(game)
    visitor, machine = game.score()
    with head:
        st.markdown(texts.progress(game.shown + 1, len(game.clips), visitor, machine), width="content")
        st.button("Leave the game", key="recognise_game_leave", type="tertiary", on_click=game.leave)
    bar.progress((game.shown + game.guessed) / len(game.clips))


def _sound(clip: ActedClip) -> None:
    player(clip.clip.data, name=clip.clip.name, alt=f"Clip {clip.number} of an actor", autoplay=True)


def _ask(game: GameState) -> None:
    st.markdown(f"**{texts.QUESTION}**")
    # Four in a row; two on a phone.
    with st.container(horizontal=True, gap="xsmall", width=4 * _WIDTH + 3 * 8):
        for number, emotion in enumerate(EMOTIONS, start=1):
            st.button(
                f"{emotion.emoji} {emotion.adjective.capitalize()}",
                key=f"recognise_game_{emotion.name}",
                shortcut=str(number),
                width=_WIDTH,
                on_click=game.guess,
                args=(emotion.name,),
            )
    st.caption(texts.BY_KEYBOARD)


def _reveal(game: GameState) -> None:
    """Show what everybody said of the clip on the table; the machine answers now."""
    if len(game.rounds) == game.shown:
        try:
            prediction = _machine(game.clip)
        except SerError as error:
            st.error(sentence_of(error), icon=":material/block:")
            return
        if prediction is None:  # its progress is on the page
            return
        game.rounds.append(Round(game.clip, game.guesses[-1], prediction.label, prediction.confidence))
    played = game.rounds[game.shown]
    st.subheader(texts.meant(played.clip.acted.emotion), anchor=False)
    st.markdown(texts.result(played))
    last = game.shown + 1 == len(game.clips)
    st.button(
        "See the score" if last else "Next clip",
        key="recognise_game_next",
        icon=":material/arrow_forward:",
        type="primary",
        shortcut="n",
        on_click=game.go_on,
    )


def _machine(clip: ActedClip) -> Prediction | None:
    """Return the answer of the model that did not learn from the actors; None while it works."""
    model = models.load(models.EXAMPLES_KEY).model
    features = extraction.extract_all((clip.clip,), model)
    found = features[0] if features else None
    if isinstance(found, SerError):
        raise found
    # The clip is not the visitor's, so the answer does not adapt to the visitor's voice.
    return _answer(clip, found, model) if isinstance(found, ClipFeatures) else None


def _answer(clip: ActedClip, features: ClipFeatures, model: EmotionModel) -> Prediction:
    return state.kept("answer", clip.clip, model, lambda: answer(features, model))


def _finish(game: GameState) -> None:
    """Show the score, and the clips to replay."""
    visitor, machine = game.score()
    st.subheader(texts.final(visitor, machine), anchor=False)
    st.markdown(texts.final_score(visitor, machine, game.people(), len(game.rounds)))
    st.button("Play again", key="recognise_game_start", icon=":material/replay:", type="primary", on_click=game.start)
    st.markdown(f"**{texts.REPLAY}**")
    for number, played in enumerate(game.rounds, start=1):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
            st.button(
                f"Clip {number}",
                key=f"recognise_game_replay_{number}",
                icon=":material/play_arrow:",
                width=_REPLAY_WIDTH,
                on_click=game.replay,
                args=(number,),
            )
            st.markdown(texts.replay_line(played))
        if game.replayed == number:
            _sound(played.clip)
