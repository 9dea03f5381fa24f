"""The command line: `python -m ser download | extract | train | evaluate | predict`.

Results go to standard output, progress and complaints to standard error. Exit status: 0 fine, 1 some input failed,
2 the call's words were off.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import fmean, pstdev
from threading import Event
from typing import TYPE_CHECKING

from ser.errors import SerError
from ser.steps import Command, ReportT, ResultT, Steps, finish

if TYPE_CHECKING:
    from ser.evaluation.crossvalidation import CrossValidation

# A line of progress a second is enough to a log and does not flicker on a terminal.
_PROGRESS_SECONDS = 1.0
_PREDICT_OPTIONS = ("-h", "--help", "--model", "--models", "--enrol", "--json", "--csv")


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after `python -m ser`; those of the process if left out.

    Returns:
        The exit status: 0 fine, 1 some input failed. Words that do not parse end the process with 2.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the output's encoding lacks is escaped; lines end alike on every system.
        sys.stdout.reconfigure(errors="backslashreplace", newline="\n")
    parser = _parser()
    options = parser.parse_args(_with_clips_told_from_options(sys.argv[1:] if argv is None else argv))
    try:
        return options.run(options)
    except SerError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has enough of it (as `| head` does); there is nobody left to complain to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from ser.data.labels.labelled import KINDS
    from ser.data.splits import PROTOCOLS
    from ser.data.table_file import SHIPPED
    from ser.model.store import DEFAULT_NAME

    parser = argparse.ArgumentParser(prog="python -m ser", description="Speech emotion recognition on RAVDESS.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(run=run)
        return added

    added = command("download", _download, "Fetch RAVDESS speech (208 MB); goes on where it was interrupted.")
    added.add_argument("--to", type=Path, metavar="DIR", help="folder to put the archive in")

    added = command("extract", _extract, "Compute the feature table from the audio.")
    added.add_argument("--data", type=Path, metavar="ZIP|DIR", help="the audio (default: SER_RAVDESS, or the download)")
    added.add_argument("--out", type=Path, metavar="TABLE", default=SHIPPED, help="parquet file to write")
    added.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes")

    added = command("train", _train, "Train a model, judge it on unseen actors and keep it with its card.")
    added.add_argument(
        "--settings", type=Path, metavar="FILE.json", help="what differs from the shipped model's settings"
    )
    added.add_argument("--name", default=DEFAULT_NAME, metavar="NAME", help="what to call the model")
    added.add_argument("--exclude-actors", type=_actors, metavar="1,11,…", help="leave these out and score on them")
    added.add_argument(
        "--models", type=Path, metavar="DIR", help="folder to keep it in (default: SER_MODELS, or models/)"
    )

    added = command("evaluate", _evaluate, "Train and judge settings by a protocol; keeps nothing.")
    added.add_argument(
        "--settings", type=Path, metavar="FILE.json", help="what differs from the shipped model's settings"
    )
    added.add_argument("--protocol", choices=PROTOCOLS, help="how clips to score are chosen (default: the settings')")
    added.add_argument("--json", action="store_true", help="print one JSON object")
    added.add_argument("--robustness", action="store_true", help="count whose label stays when recordings change")
    added.add_argument("--seeds", type=_positive, metavar="N", help="judge so many seeds, and tell their mean")
    added.add_argument("--clips", type=_positive, metavar="N", help="clips to change, with --robustness (default 240)")
    added.add_argument("--data", metavar="DIR|ZIP|CSV", help="another corpus, to judge a kept model by")
    added.add_argument("--corpus", choices=KINDS, help="what its labels are read from")
    added.add_argument("--model", metavar="NAME", help=f"which model answers, with --data (default: {DEFAULT_NAME})")
    added.add_argument("--models", type=Path, metavar="DIR", help="folder it is in")
    added.set_defaults(misused=added.error)

    added = command("predict", _predict, "Answer for clips.")
    added.add_argument("clips", nargs="+", metavar="CLIP", help="audio files")
    added.add_argument("--model", default=DEFAULT_NAME, metavar="NAME", help="which model answers")
    added.add_argument("--models", type=Path, metavar="DIR", help="folder it is in (default: SER_MODELS, or models/)")
    added.add_argument("--enrol", nargs="+", metavar="NEUTRAL_CLIP", help="the speaker's neutral clips, 1 to 5")
    form = added.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a clip")
    form.add_argument("--csv", action="store_true", help="print one CSV row a clip")
    return parser


def _with_clips_told_from_options(words: Sequence[str]) -> list[str]:
    """The words of the call; in those of `predict`, a file whose name begins as an option's is named as a path."""
    if list(words[:1]) != ["predict"] or "--" in words:
        return list(words)
    return [
        f".{os.sep}{word}" if word.startswith("-") and word not in _PREDICT_OPTIONS and Path(word).is_file() else word
        for word in words
    ]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is given; a whole number from 1 is needed")
    return value


def _actors(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is given; numbers with commas between, as 1,11, are needed"
        ) from error


def _download(options: argparse.Namespace) -> int:
    from ser.data.download import download

    progress = _Progress()
    place = progress.follow(
        download(options.to),
        lambda p: (
            f"{p.done / 1e6:.0f} of {p.total / 1e6:.0f} MB, {p.rate / 1e6:.1f} MB/s, {_time(p.seconds_left)} left"
        ),
    )
    print(place)
    return 0


def _extract(options: argparse.Namespace) -> int:
    from ser.data.extraction import extract
    from ser.data.ravdess import default_source, open_source
    from ser.data.table_file import save_table
    from ser.errors import DatasetError

    place = options.data or default_source()
    if place is None:
        raise DatasetError(
            "No RAVDESS audio is at hand. Give --data ZIP|DIR, set SER_RAVDESS, or run `python -m ser download`."
        )
    failed = 0
    progress = _Progress()
    with open_source(place) as source:
        # What is left out on purpose, such as copies, is no failure.
        for sentence in source.report.sentences():
            print(sentence, file=sys.stderr)
        failed += len(source.report.failures())

        def line(report) -> str:
            nonlocal failed
            if report.error:
                failed += 1
                progress.say(f"{report.name}: {report.error}")
            return f"{report.done} of {report.total} clips"

        table = progress.follow(extract(source, options.jobs), line)
    save_table(table, options.out)
    print(f"{options.out}: {len(table)} clips, " + ", ".join(f"{m.shape[1]} {n}" for n, m in table.matrices.items()))
    return 1 if failed else 0


def _train(options: argparse.Namespace) -> int:
    import numpy as np

    from ser.data.table_file import load_table
    from ser.evaluation.crossvalidation import cross_validate, fit
    from ser.evaluation.scores import out_of_fold_answers, score_of
    from ser.model.card import card_of, trained_on
    from ser.model.store import ModelStore, checked_name
    from ser.training.trainer import chosen_emotions, one_blas_thread

    checked_name(options.name)
    settings, table, progress = _settings(options), load_table(), _Progress()
    rows = np.flatnonzero(chosen_emotions(settings, table.labels))
    if options.exclude_actors:
        settings = replace(settings, protocol="heldout", test_actors=options.exclude_actors)
        rows = rows[~np.isin(table.actors[rows], options.exclude_actors)]
    # The final model has heard everybody it is trained on, so its scores are those of models trained the same way
    # without the scored actors; with actors excluded, that model and the kept one are the same.
    # Other processes judge meanwhile, so the final model is trained here beside them: on two cores a minute is saved.
    one_blas_thread()
    given_up = Event()
    with ThreadPoolExecutor(1) as beside:
        fitting = beside.submit(finish, fit(settings, table, rows), command=lambda: Command(stop=given_up.is_set()))
        try:
            judged = progress.follow(cross_validate(settings, table, jobs=_processors()), _fold_line)
            model = fitting.result()
        except BaseException:
            given_up.set()
            raise
    score = score_of(judged, table, options.exclude_actors or ())
    card = card_of(model, trained_on(table, rows), (score,))
    store = ModelStore(options.models)
    kept = store.save(options.name, model, card, out_of_fold_answers(judged, table))
    print(f"{store.folder / kept.card.file}: UAR {score.uar:.3f} ({score.scored_on})")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from ser.data.splits import PROTOCOLS, SPEAKER_INDEPENDENT
    from ser.data.table_file import load_table
    from ser.evaluation.breakdown import breakdown
    from ser.evaluation.crossvalidation import cross_validate

    if bool(options.data) != bool(options.corpus):
        options.misused("--data and --corpus go together: where the clips are, and what they are")
    if options.data and (options.settings or options.protocol or options.robustness or options.seeds):
        options.misused("--data judges a kept model; --settings, --protocol, --seeds and --robustness train models")
    if not options.data and (options.model or options.models):
        options.misused("--model and --models say who answers for --data; give --data and --corpus as well")
    if options.robustness and (options.protocol or options.seeds):
        options.misused("--robustness has its own protocol, EmoBox's folds, and one seed; leave these out")
    if options.clips and not options.robustness:
        options.misused("--clips belongs to --robustness")
    if options.data:
        return _evaluate_corpus(options)
    if options.robustness:
        return _evaluate_robustness(options)
    settings = _settings(options)
    if options.protocol:
        settings = replace(settings, protocol=options.protocol)
    table, progress = load_table(), _Progress()
    judged = progress.follow(cross_validate(settings, table, jobs=_processors()), _fold_line)
    found = breakdown(judged, table)
    seeds = {settings.seed: _brief(judged, found)}
    for seed in range(settings.seed + 1, settings.seed + (options.seeds or 1)):
        steps = cross_validate(replace(settings, seed=seed), table, jobs=_processors())
        again = progress.follow(steps, _fold_line)
        seeds[seed] = _brief(again, breakdown(again, table))
    gap = {}
    if settings.protocol in SPEAKER_INDEPENDENT:
        # The same settings with the same voices on both sides: what the split alone is worth.
        plain = replace(settings, protocol="random", calibration_folds=0, enrolled_members=0)
        leaking = progress.follow(cross_validate(plain, table), _fold_line)
        gap = {"random_uar": leaking.evaluation.uar, "gap": leaking.evaluation.uar - judged.evaluation.uar}
    over_seeds = {}
    for name in seeds[settings.seed]:
        each = [figures[name] for figures in seeds.values()]
        over_seeds[name] = {"mean": fmean(each), "deviation": pstdev(each), "each": each}
    if options.json:
        more = {"leakage": gap or None, "seed": settings.seed, "seeds": list(seeds), "over_seeds": over_seeds}
        print(json.dumps(judged.evaluation.to_json() | found | more | {"settings": settings.to_json()}))
    else:
        _print_evaluation(judged.evaluation, PROTOCOLS[settings.protocol])
        _print_examination(found, gap)
        if len(seeds) > 1:
            for name, of in over_seeds.items():
                print(f"{name} over seeds {', '.join(map(str, seeds))}: {of['mean']:.4f} ± {of['deviation']:.4f}")
    return 0


def _brief(judged: "CrossValidation", found: dict) -> dict[str, float]:
    """Figures of a cross-validation, and of its examination, that are compared over seeds."""
    figures = {"uar": judged.evaluation.uar, "accuracy": judged.evaluation.accuracy, "ece": judged.evaluation.ece}
    figures |= {"as_listeners": found["as_listeners"]["accuracy"], "coverage": found["conformal"]["coverage"]}
    return figures | {name: found[name] for name in ("enrolled_uar", "transductive_uar") if name in found}


def _print_examination(found: dict, gap: dict) -> None:
    people, sets, refusals = found["as_listeners"], found["conformal"], found["abstention"]
    print(f"neutral and calm as one: {people['accuracy']:.3f} right; people: {people['listeners_accuracy']:.3f}")
    covered = f"{sets['coverage']:.3f} hold the emotion (target {sets['target']:.2f})"
    print(f"prediction sets: {covered}, {sets['mean_size']:.2f} emotions on average")
    print(f"answers {refusals['answered']:.0%} of the clips, {refusals['right_when_answered']:.0%} of these right")
    for field, values in found["uar_by"].items():
        if field != "actor":
            print(f"UAR by {field}: " + ", ".join(f"{value} {each:.3f}" for value, each in values.items()))
    if "enrolled_uar" in found:
        counts = ", ".join(f"{count}: {each:.3f}" for count, each in found["enrolled_uar_by_clips"].items())
        wrong = ", ".join(f"{how}: {each:.3f}" for how, each in found["wrong_enrolment_uar"].items())
        print(f"UAR with so many neutral clips of the actor enrolled: {counts} (wrongly: {wrong})")
        print(f"UAR adapted to all clips of each actor together (transductive): {found['transductive_uar']:.3f}")
    if gap:
        print(f"the same on a random split: UAR {gap['random_uar']:.3f}, {gap['gap']:+.3f} by leaking voices")


def _print_evaluation(judged, title: str) -> None:
    low, high = judged.uar_interval
    print(f"{title}: {judged.n_clips} clips, {len(judged.per_actor_uar)} actors")
    print(f"UAR {judged.uar:.3f} (95 % interval over actors {low:.3f} to {high:.3f})")
    print(f"accuracy {judged.accuracy:.3f}, ECE {judged.ece:.3f}")
    print(f"{'':12}{'precision':>10}{'recall':>10}{'F1':>10}{'clips':>8}")
    for label, each in (*judged.per_class.items(), ("weighted", judged.weighted)):
        print(f"{label:12}{each.precision:10.3f}{each.recall:10.3f}{each.f1:10.3f}{each.support:8d}")


def _evaluate_corpus(options: argparse.Namespace) -> int:
    from ser.data.labels.labelled import open_corpus
    from ser.data.labels.sources import SOURCES
    from ser.evaluation.cross_corpus import score_corpus
    from ser.model.store import DEFAULT_NAME, ModelStore

    name = options.model or DEFAULT_NAME
    model, progress, failed = ModelStore(options.models).load(name).model, _Progress(), 0

    def line(report) -> str:
        nonlocal failed
        failed += report.error is not None
        return f"{report.done} of {report.total} clips"

    with open_corpus(options.data, options.corpus) as corpus:
        found = progress.follow(score_corpus(corpus, model, jobs=_processors()), line)
    for sentence in found.reported:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps(found.to_json()))
    else:
        _print_evaluation(found.evaluation, f"{SOURCES[corpus.kind]}, answered by {name}")
        if found.transductive_uar is not None:
            print(f"UAR {found.transductive_uar:.3f} adapted to each speaker by all clips at once (transductive)")
    return 1 if failed else 0


def _evaluate_robustness(options: argparse.Namespace) -> int:
    from ser.data.ravdess import default_source, open_source
    from ser.data.table_file import load_table
    from ser.errors import DatasetError
    from ser.evaluation.robustness import DEFAULT_CLIPS, measure_robustness

    place = default_source()
    if place is None:
        raise DatasetError(
            "No RAVDESS audio is at hand, and it is to be changed. Set SER_RAVDESS, or run `python -m ser download`."
        )

    def line(report) -> str:
        left = f", {_time(report.seconds_left)} left" if report.seconds_left is not None else ""
        doing = f"training {report.training:.0%}, " if report.training < 1 else ""
        return f"fold {report.fold} of {report.folds}, {doing}{report.done} of {report.total} clips{left}"

    with open_source(place) as source:
        steps = measure_robustness(
            _settings(options), load_table(), source, clips=options.clips or DEFAULT_CLIPS, jobs=_processors()
        )
        found = _Progress().follow(steps, line)
    for sentence in found.reported:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps(found.to_json()))
    else:
        print(f"{found.n_clips} clips of unseen actors, UAR {found.uar:.3f} as recorded")
        print(f"{'':18}{'same label':>10}{'UAR':>8}{'refused':>9}")
        for name, each in found.changes.items():
            print(f"{name:18}{each.same_label:10.1%}{each.uar:8.3f}{each.refused:9d}  {each.about}")
    return 1 if found.reported else 0


def _processors() -> int:
    import joblib

    return joblib.cpu_count()


def _predict(options: argparse.Namespace) -> int:
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


def _predict_all(options: argparse.Namespace, model, profile) -> int:
    from ser.inference.prediction import predict
    from ser.inference.results import Result, as_object, csv_lines, encodable

    failed = False

    def results() -> Generator[Result, None, None]:
        nonlocal failed
        for clip in options.clips:
            try:
                yield Result(clip, predict(clip, model, profile=profile))
            except SerError as error:
                failed = True
                yield Result(clip, error)

    if options.csv:
        for line in csv_lines(results(), model.labels):
            print(line, end="", flush=True)
    for result in () if options.csv else results():
        answer = as_object(result)
        if options.json:
            print(json.dumps(answer), flush=True)
        elif "error" in answer:
            print(f"{encodable(result.name)}: {answer['error']}", file=sys.stderr)
        else:
            print(_sentence(answer), flush=True)
    return 1 if failed else 0


def _sentence(answer: dict) -> str:
    others = [label for label in answer["prediction_set"] if label != answer["label"]]
    text = f"{answer['file']}: {answer['label']} ({answer['confidence']:.0%})"
    text += f", or {', '.join(others)}" if others else ""
    text += "; too unsure to rely on" if answer["abstained"] else ""
    return " ".join([text + ".", *answer["warnings"]])


def _settings(options: argparse.Namespace):
    from ser.errors import TrainingError
    from ser.training.trainer import TrainingSettings

    if options.settings is None:
        return TrainingSettings()
    try:
        text = options.settings.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(
            f"The settings {options.settings} cannot be read ({error}). Give the path of a JSON file."
        ) from error
    return TrainingSettings.from_json(text)


def _fold_line(report) -> str:
    return f"fold {report.fold} of {report.folds} ({report.name}), {_time(report.seconds_left)} left"


def _time(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


class _Progress:
    """One line of progress on standard error: rewritten on a terminal, now and then elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._width = 0

    def follow(self, steps: Steps[ReportT, ResultT], line: Callable[[ReportT], str]) -> ResultT:
        """Run work to its end, showing `line(report)` of its reports; its result."""

        def show(report: ReportT) -> None:
            text = line(report)
            if time.monotonic() - self._last >= (0.1 if self._terminal else _PROGRESS_SECONDS):
                self._last = time.monotonic()
                self._show(text)

        result = finish(steps, show)
        self._clear()
        return result

    def say(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        print(text, file=sys.stderr)

    def _show(self, text: str) -> None:
        if not self._terminal:
            print(text, file=sys.stderr)
            return
        print(f"\r{text:{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(text)

    def _clear(self) -> None:
        if self._terminal and self._width:
            print(f"\r{'':{self._width}}\r", end="", file=sys.stderr, flush=True)
            self._width = 0
