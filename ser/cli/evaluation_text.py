"""Evaluations in words and columns, as the command line prints them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ser.evaluation.breakdown import Breakdown, EnrolledScores, Leakage
    from ser.metrics import Evaluation


def print_evaluation(judged: "Evaluation", title: str) -> None:
    """Print the scores, then those of each emotion."""
    low, high = judged.uar_interval
    print(f"{title}: {judged.n_clips} clips, {len(judged.per_actor_uar)} actors")
    print(f"UAR {judged.uar:.3f} (95 % interval over actors {low:.3f} to {high:.3f})")
    print(f"accuracy {judged.accuracy:.3f}, macro F1 {judged.macro_f1:.3f}, ECE {judged.ece:.3f}")
    print(f"{'':12}{'precision':>10}{'recall':>10}{'F1':>10}{'clips':>8}")
    for label, each in (*judged.per_class.items(), ("weighted", judged.weighted)):
        print(f"{label:12}{each.precision:10.3f}{each.recall:10.3f}{each.f1:10.3f}{each.support:8d}")


def print_breakdown(breakdown: "Breakdown", leakage: "Leakage | None") -> None:
    """Print what a breakdown adds: people beside the model, prediction sets, abstention, enrolment, leakage."""
    people, sets, abstention = breakdown.as_listeners, breakdown.conformal, breakdown.abstention
    print(f"neutral and calm as one: {people.accuracy:.3f} right; people: {people.listeners_accuracy:.3f}")
    covered = f"{sets.coverage:.3f} hold the emotion (target {sets.target:.2f})"
    print(f"prediction sets: {covered}, {sets.mean_size:.2f} emotions on average")
    print(f"answers {abstention.answered:.0%} of the clips, {abstention.right_when_answered:.0%} of these right")
    for field, values in breakdown.uar_by.items():
        if field != "actor":
            print(f"UAR by {field}: " + ", ".join(f"{value} {each:.3f}" for value, each in values.items()))
    if breakdown.enrolled is not None:
        print_adapted(breakdown.enrolled)
    if leakage is not None:
        print(f"the same on a random split: UAR {leakage.random_uar:.3f}, {leakage.gap:+.3f} by leaking voices")


def print_adapted(scores: "EnrolledScores") -> None:
    """Print what some clips of the speaker add."""

    def listed(figures: dict[str, float]) -> str:
        return ", ".join(f"{name}: {each:.3f}" for name, each in figures.items())

    print(f"UAR with so many neutral clips of the actor enrolled: {listed(scores.enrolled_uar_by_clips)}")
    print(f"UAR with a wrong enrolment: {listed(scores.wrong_enrolment_uar)}")
    print(f"UAR with so many other clips of the actor, of whatever emotion: {listed(scores.unlabelled_uar_by_clips)}")
    print(f"UAR adapted to all clips of each actor together (transductive): {scores.transductive_uar:.3f}")
