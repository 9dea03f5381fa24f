"""The lines of the benchmark: medians, ratios, targets."""

import json

import pytest

from ser.audio.augmentation import VIEWS
from ser.benchmark.lines import NOT_INSTALLED, NOT_MEASURABLE, TARGETS, Comparison, lines_of, measurements

LINES = lines_of(tuple(VIEWS))
KEYS = [line.key for line in LINES]


def comparison(without: str = "") -> Comparison:
    """A run in which each line took 1, 2, … three times, give or take, and those that begin so are missing."""
    samples = {key: [n, 0.9 * n, 5.0 * n] for n, key in enumerate(KEYS, start=1) if not (without and without in key)}
    return Comparison("RAVDESS", 1, 2, 3, measurements(tuple(VIEWS), samples))


def test_keys_are_unique_and_lines_are_compared_with_lines_that_are_there():
    assert len(set(KEYS)) == len(KEYS)
    assert {line.compared_with for line in LINES} <= {"", *KEYS}
    assert {key for target in TARGETS for key in (target.numerator, target.denominator)} <= set(KEYS)


def test_ratios_are_quotients_of_medians():
    found = json.loads(json.dumps(comparison().to_json()))
    medians = {line["key"]: line["median"] for line in found["lines"]}
    assert list(medians.values()) == [float(n) for n in range(1, len(KEYS) + 1)]
    for line in found["lines"]:
        other = line["compared_with"]
        assert line["ratio"] == (medians[line["key"]] / medians[other] if other else None)
        assert line["samples"] == 3 and line["missing"] is None


def test_what_is_missing_is_said_and_has_no_ratio():
    found = comparison(without="opensmile").to_json()
    missing = {line["key"]: line["missing"] for line in found["lines"] if line["missing"]}
    assert missing == {"opensmile_egemaps": NOT_INSTALLED, "opensmile_compare": NOT_INSTALLED}
    targets = {target["key"]: target for target in found["targets"]}
    assert targets["standard_against_egemaps"]["value"] is targets["standard_against_egemaps"]["reached"] is None
    memory = [line for line in comparison(without="memory").to_json()["lines"] if line["unit"] == "MB"]
    assert [line["missing"] for line in memory] == [NOT_MEASURABLE] * 2 and memory[0]["ratio"] is None


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.key)
def test_a_target_is_reached_on_its_good_side(target):
    assert target.reached(target.must)
    assert target.reached(target.must * 0.9) is target.at_most
    assert target.reached(target.must * 1.1) is not target.at_most


def test_targets_divide_medians():
    found = comparison()
    medians = {each.line.key: each.median for each in found.measurements}
    for target, value in found.targets:
        assert value == medians[target.numerator] / medians[target.denominator]
