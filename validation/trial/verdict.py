"""The rule that turns samples into verdicts, for all claims of a run together.

Equivalence testing: a claim is not believed because a difference failed to be significant, but
because the interval of every observation lies inside a range fixed beforehand.

For one claim, HOLDS needs every comparison and precondition (an intersection-union test: its
p-value is their largest; Berger 1982). FAILS needs one comparison outside (Bonferroni within the
claim) while every precondition is met. OUTSIDE ASSUMPTIONS needs one precondition missed. Across
the claims of a run, each of the three kinds of decision is corrected by Holm's method, so that
with probability 1 - alpha none of its kind is wrong.

Replicates are added in looks. Look k spends alpha / 2^k, and the spent levels add up to less than
alpha however many looks there are (union bound), so looking again costs no error control.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.trial.claim import Comparison, Expectation, Sample, Verdict
from validation.trial.evidence import interval, is_exact, p_inside, p_outside, tail

ALPHA = 0.05


@dataclass(frozen=True)
class Case:
    """The observations of one claim at one look."""

    expectations: Sequence[Expectation]
    samples: Sequence[Sample]
    requirements: Sequence[Expectation] = ()
    checks: Sequence[Sample] = ()


@dataclass(frozen=True)
class Decision:
    """A verdict with the levels at which intervals show it."""

    verdict: Verdict
    look: int
    """0 before the first."""
    hold_level: float
    fail_level: float
    """Two-sided error of a comparison's interval that must lie inside, or be disjoint."""


def undecided(alpha: float = ALPHA) -> Decision:
    """Before the first look: nothing is decided, and intervals are shown at its level."""
    return Decision(Verdict.INCONCLUSIVE, 0, level(1, alpha), level(1, alpha))


def level(look: int, alpha: float = ALPHA) -> float:
    """Error that look 1, 2, ... may spend."""
    return alpha / 2**look


def judge(
    cases: Sequence[Case | None],
    look: int,
    alpha: float = ALPHA,
    decided: Sequence[Verdict] = (),
) -> list[Decision]:
    """Verdicts on all claims of a run at one look.

    `decided` are the verdicts of earlier looks. What is rejected stays so, and leaves the level to
    the others: all intersections of hypotheses that it belongs to are rejected with it (Maurer &
    Bretz 2013).

    A claim whose observations are not there yet is None: it is INCONCLUSIVE, and what is decided of
    the others stays so whatever they will say.
    """
    spent = level(look, alpha)
    holds, fails, outside = np.ones((3, len(cases)))
    for index, case in enumerate(cases):
        if case is None:
            continue
        if not case.samples:
            raise ValueError(
                "samples is empty: a claim without observations has no verdict; give it a sample"
            )
        pairs = list(zip(case.samples, case.expectations, strict=True))
        pairs += zip(case.checks, case.requirements, strict=True)
        holds[index], fails[index], outside[index] = combined(
            [p_inside(*pair) for pair in pairs],
            [p_outside(*pair) for pair in pairs],
            len(case.samples),
        )
    for index, verdict in enumerate(decided):
        for p_values, name in (
            (holds, Verdict.HOLDS),
            (fails, Verdict.FAILS),
            (outside, Verdict.OUTSIDE),
        ):
            if verdict is name:
                p_values[index] = 0.0
    held, hold_levels = holm(holds, spent)
    failed, fail_levels = holm(fails, spent)
    left, _ = holm(outside, spent)
    decisions = []
    for index, case in enumerate(cases):
        compared = 1 if case is None else len(case.samples)
        verdict = Verdict.INCONCLUSIVE
        for chosen, name in (
            (held, Verdict.HOLDS),
            (failed, Verdict.FAILS),
            (left, Verdict.OUTSIDE),
        ):
            if chosen[index]:
                verdict = name
        decisions.append(Decision(verdict, look, hold_levels[index], fail_levels[index] / compared))
    return decisions


def combined(inside: Sequence[Any], outside: Sequence[Any], compared: int) -> tuple[Any, Any, Any]:
    """p-values of HOLDS, FAILS and OUTSIDE ASSUMPTIONS of a claim.

    From `p_inside` and `p_outside` of its comparisons, so many, and after them of its
    preconditions: of one study each, or arrays over many.
    """
    met, missed = inside[compared:], outside[compared:]
    unmet = np.maximum.reduce(met) if len(met) else 0.0
    holds = np.maximum(unmet, np.maximum.reduce(inside[:compared]))
    one = np.minimum.reduce(outside[:compared])
    fails = np.maximum(unmet, np.minimum(1.0, compared * one))
    left = np.minimum(1.0, len(missed) * np.minimum.reduce(missed)) if len(missed) else 1.0
    return holds, fails, left


def holm(p_values: NDArray[np.float64], alpha: float) -> tuple[list[bool], list[float]]:
    """Which hypotheses are rejected, and the level at which each one was tested.

    Our own, because statsmodels' collects garbage at every call, for some fifty milliseconds.
    """
    order = np.argsort(p_values, kind="stable")
    steps = alpha / np.arange(len(p_values), 0, -1)
    passed = np.logical_and.accumulate(p_values[order] <= steps)
    # Testing stops at the first that is not rejected; those after it are shown at its level.
    tested = np.where(passed, steps, steps[min(passed.sum(), len(steps) - 1)])
    back = np.argsort(order, kind="stable")
    return passed[back].tolist(), tested[back].tolist()


def sequential(
    looks: Sequence[Sequence[int]],
    case_at: Callable[[int, int], Case | None],
    alpha: float = ALPHA,
) -> list[Decision]:
    """Judge at each look, in order, until every claim is decided.

    `looks` holds for every claim its replicates at each look. `case_at(claim, replicates)` gives a
    claim's observations, or None where they do not reach so far. A decided claim keeps its
    verdict, and leaves its level to the others; a claim undecided at the last look that is there
    stays INCONCLUSIVE. Without the first look the list is empty.
    """
    decisions: list[Decision] = []
    cases: list[Case | None] = [None] * len(looks)
    for look, replicates in enumerate(zip(*looks, strict=True), start=1):
        open_claims = [
            index
            for index in range(len(looks))
            if not decisions or decisions[index].verdict is Verdict.INCONCLUSIVE
        ]
        fresh = {index: case_at(index, replicates[index]) for index in open_claims}
        if not fresh or None in fresh.values():
            break
        cases = [fresh.get(index, case) for index, case in enumerate(cases)]
        before = [decision.verdict for decision in decisions]
        now = judge([case for case in cases if case is not None], look, alpha, before)
        decisions = [
            now[index] if index in fresh else decisions[index] for index in range(len(looks))
        ]
    return decisions


def compare(expectation: Expectation, sample: Sample, decision: Decision) -> Comparison:
    """One comparison as the report shows it, at the levels of its claim's decision.

    The interval is the one that shows the verdict: disjoint from the range at the level of failing,
    else at that of holding.
    """
    count = sample.values.size
    error = sample.deviation / math.sqrt(count) if count > 1 else None
    level, verdict = decision.hold_level, Verdict.INCONCLUSIVE
    if decision.look and p_inside(sample, expectation) <= decision.hold_level:
        verdict = Verdict.HOLDS
    elif decision.look and p_outside(sample, expectation) <= decision.fail_level:
        level, verdict = decision.fail_level, Verdict.FAILS
    missed = tail(expectation, level)
    low, high = (None if math.isinf(end) else end for end in interval(sample, expectation, missed))
    return Comparison(
        expectation, sample.mean, error, (low, high), count, verdict, bool(is_exact(sample)),
        confidence=1 - 2 * missed,
    )  # fmt: skip
