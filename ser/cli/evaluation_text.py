"""Evaluations in words and columns, as the command line prints them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ser.metrics import Evaluation


def print_evaluation(judged: "Evaluation", title: str) -> None:
    """Print the scores, then those of each emotion."""
    low, high = judged.uar_interval
    print(f"{title}: {judged.n_clips} clips, {len(judged.per_actor_uar)} actors")
    print(f"UAR {judged.uar:.3f} (95 % interval over actors {low:.3f} to {high:.3f})")
    print(f"accuracy {judged.accuracy:.3f}, ECE {judged.ece:.3f}")
    print(f"{'':12}{'precision':>10}{'recall':>10}{'F1':>10}{'clips':>8}")
    for label, each in (*judged.per_class.items(), ("weighted", judged.weighted)):
        print(f"{label:12}{each.precision:10.3f}{each.recall:10.3f}{each.f1:10.3f}{each.support:8d}")


def print_breakdown(found: dict, gap: dict) -> None:
    """Print what a breakdown adds: people beside the model, prediction sets, refusals, enrolment, leakage."""
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
