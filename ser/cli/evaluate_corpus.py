"""`ser evaluate --data`: judge a kept model on another data set."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from ser.cli.evaluation_text import print_evaluation
from ser.cli.options import processors
from ser.cli.progress import show_progress

if TYPE_CHECKING:
    from ser.evaluation.cross_corpus import CrossCorpusReport


def run(options: argparse.Namespace) -> int:
    """Score the model on the data set's clips and print the scores."""
    from ser.data.labels.labelled import open_corpus
    from ser.data.labels.sources import SOURCES
    from ser.evaluation.cross_corpus import score_corpus
    from ser.evaluation.scores import score_on
    from ser.model.store import DEFAULT_NAME, ModelStore

    name = options.model or DEFAULT_NAME
    model, failed = ModelStore(options.models).load(name).model, 0

    def line(report: "CrossCorpusReport") -> str:
        nonlocal failed
        failed += report.error is not None
        return f"{report.done} of {report.total} clips"

    with open_corpus(options.data, options.corpus) as corpus:
        steps = score_corpus(corpus, model, jobs=processors(), emotions=options.emotions or ())
        found = show_progress(steps, line, lambda report: report.done / report.total)
    if options.to_card:
        ModelStore(options.models).add_score(name, score_on(found, corpus.source))
    for sentence in found.reported:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps(found.to_json()))
    else:
        print_evaluation(found.evaluation, f"{SOURCES[corpus.source]}, answered by {name}")
        if (sets := found.conformal) is not None:
            held = f"{sets.coverage:.3f} hold the emotion (target {sets.target:.2f} on learnt data sets)"
            print(f"prediction sets: {held}, {sets.mean_size:.2f} emotions on average")
        if (four := found.of_four) is not None:
            print(f"over {', '.join(four.labels)} alone: UAR {four.uar:.3f}, accuracy {four.accuracy:.3f}")
        if found.unlabelled_uar_by_clips:
            by_clips = ", ".join(f"{clips}: {each:.3f}" for clips, each in found.unlabelled_uar_by_clips.items())
            print(f"UAR with so many other clips of the speaker, of whatever emotion: {by_clips}")
        if found.transductive_uar is not None:
            print(f"UAR {found.transductive_uar:.3f} adapted to each speaker by all clips at once (transductive)")
    return 1 if failed else 0
