"""`ser predict`: answer for clips."""

import argparse
import json
import os
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser.cli.options import Commands, add_command, add_models
from ser.errors import SerError
from ser.text import shown_name

if TYPE_CHECKING:
    from ser.inference.results import Result
    from ser.model.emotion_model import EmotionModel
    from ser.model.voice_profile import VoiceProfile

_OPTIONS = ("-h", "--help", "--model", "--models", "--enrol", "--same-speaker", "--json", "--csv")


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.model.store import DEFAULT_NAME

    parser = add_command(commands, "predict", run, "Answer for clips.")
    parser.add_argument("clips", nargs="+", metavar="CLIP", help="audio files")
    parser.add_argument("--model", default=DEFAULT_NAME, metavar="NAME", help="which model answers")
    add_models(parser, "folder it is in")
    voice = parser.add_mutually_exclusive_group()
    voice.add_argument("--enrol", nargs="+", metavar="NEUTRAL_CLIP", help="the speaker's neutral clips, 1 to 5")
    voice.add_argument(
        "--same-speaker", action="store_true", help="adapt to the one speaker of all clips, whatever their emotions"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a clip")
    form.add_argument("--csv", action="store_true", help="print one CSV row a clip")


def with_clips_as_paths(words: Sequence[str]) -> list[str]:
    """The words of the call; in those of `predict`, a file whose name begins as an option's is named as a path."""
    if list(words[:1]) != ["predict"] or "--" in words:
        return list(words)
    return [
        f".{os.sep}{word}" if word.startswith("-") and word not in _OPTIONS and Path(word).is_file() else word
        for word in words
    ]


def run(options: argparse.Namespace) -> int:
    """Answer for each clip in turn; the status is 1 if one could not be used."""
    from threadpoolctl import threadpool_limits

    from ser.inference.enrolment import enrol
    from ser.model.store import ModelStore

    model = ModelStore(options.models).load(options.model).model
    # The products are small: several threads would spend their time on waiting for each other.
    with threadpool_limits(1, user_api="blas"):
        profile = enrol(options.enrol, model) if options.enrol else None
        for doubt in profile.doubts if profile else ():
            print(doubt, file=sys.stderr)
        return _predict_all(options, model, profile)


def _predict_all(options: argparse.Namespace, model: "EmotionModel", profile: "VoiceProfile | None") -> int:
    from ser.inference.results import as_object, csv_lines, encodable

    failed = False

    def results() -> Generator["Result", None, None]:
        nonlocal failed
        for result in _of_one_speaker(options.clips, model) if options.same_speaker else _each(options, model, profile):
            failed |= isinstance(result.outcome, SerError)
            yield result

    if options.csv:
        for line in csv_lines(results(), model.labels):
            print(line, end="", flush=True)
    for result in () if options.csv else results():
        answer = as_object(result)
        if options.json:
            print(json.dumps(answer), flush=True)
        elif "error" in answer:
            print(f"{shown_name(encodable(result.name))}: {answer['error']}", file=sys.stderr)
        else:
            print(_sentence(answer), flush=True)
    return 1 if failed else 0


def _each(
    options: argparse.Namespace, model: "EmotionModel", profile: "VoiceProfile | None"
) -> Generator["Result", None, None]:
    """The answer to one clip after the other."""
    from ser.inference.prediction import predict
    from ser.inference.results import Result

    for clip in options.clips:
        try:
            yield Result(clip, predict(clip, model, profile=profile))
        except SerError as error:
            yield Result(clip, error)


def _of_one_speaker(clips: Sequence[str], model: "EmotionModel") -> Generator["Result", None, None]:
    """The answers to all clips, adapted to their speaker, once all are extracted."""
    from ser.inference.clip_features import ClipFeatures, extract_whole
    from ser.inference.enrolment import adapt
    from ser.inference.results import Result

    extracted: list[ClipFeatures | SerError] = []
    for clip in clips:
        try:
            extracted.append(extract_whole(clip, model))
        except SerError as error:
            extracted.append(error)
    answers = iter(adapt([each for each in extracted if isinstance(each, ClipFeatures)], model))
    for clip, each in zip(clips, extracted, strict=True):
        yield Result(clip, each if isinstance(each, SerError) else next(answers))


def _sentence(answer: dict[str, Any]) -> str:
    others = [label for label in answer["prediction_set"] if label != answer["label"]]
    text = f"{shown_name(answer['file'])}: {answer['label']} ({answer['confidence']:.0%})"
    text += f", or {', '.join(others)}" if others else ""
    text += "; too unsure to rely on" if answer["abstained"] else ""
    return " ".join([text + ".", *answer["warnings"]])
