"""Simulated studies of claims: replicates around a known truth, with the spread that is expected.

So it is known which verdicts on them are false.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from validation.trial.claim import Expectation, Sample, Verdict
from validation.trial.evidence import FEW
from validation.trial.plan import PlannedClaim
from validation.trial.verdict import ALPHA, Case, sequential


@dataclass(frozen=True)
class Simulated:
    """A claim of a plan with its expectations over all settings, in order."""

    name: str
    looks: Sequence[int]
    """Replicates at each look."""
    expectations: list[Expectation]
    requirements: list[Expectation]
    views: list[int]
    """Of the setting of each expectation; 0 where its data have none."""

    @classmethod
    def of(cls, planned: PlannedClaim) -> "Simulated":
        studies = planned.studies
        views = [study.setting.plain.get("data", {}).get("views", 0) for study in studies]
        return cls(
            planned.name,
            planned.replicates,
            [e for study in studies for e in study.expectations],
            [e for study in studies for e in study.requirements],
            [own for own, s in zip(views, studies, strict=True) for _ in s.expectations],
        )

    def study(
        self,
        replicates: int,
        rng: np.random.Generator,
        at_border: bool = False,
        truth: Callable[[Expectation, int], float] | None = None,
        judged_by: list[Expectation] | None = None,
    ) -> Case:
        """Everything as predicted, or as said.

        Parameters
        ----------
        replicates : int
        rng : numpy Generator
        at_border : bool
            Put one truth at a border of its range, both by chance.
        truth : callable, optional
            The truth by expectation and views, in place of what is predicted.
        judged_by : list of Expectation, optional
            What the study is judged by, in place of the expectations; as many.
        """
        truths = [e.expected for e in self.expectations]
        if truth:
            truths = [truth(*pair) for pair in zip(self.expectations, self.views, strict=True)]
        expectations = judged_by or self.expectations
        if at_border:
            chosen = int(rng.integers(len(truths)))
            own = expectations[chosen]
            borders = [b for b in (own.low, own.high) if b is not None]
            truths[chosen] = borders[int(rng.integers(len(borders)))]
        return Case(
            expectations,
            [
                draw(e, truth, replicates, rng)
                for e, truth in zip(self.expectations, truths, strict=True)
            ],
            self.requirements,
            [draw(e, e.expected, replicates, rng) for e in self.requirements],
        )


def draw(
    expectation: Expectation, truth: float, replicates: int, rng: np.random.Generator
) -> Sample:
    """Replicates around a truth, with the spread and trials of the expectation."""
    trials = expectation.trials
    if trials is None:
        return Sample(rng.normal(truth, expectation.spread, replicates), None)
    truth = min(max(truth, 0.0), 1.0)
    room = truth * (1 - truth)
    if room == 0:
        return Sample(np.full(replicates, truth), trials * replicates)
    if min(truth, 1 - truth) * trials * replicates < FEW or expectation.spread == 0:
        return Sample(rng.binomial(trials, truth, replicates) / trials, trials * replicates)
    # A beta law: skewed near 0 and 1, as proportions are; Student's t must bear it.
    concentration = room / min(expectation.spread**2, 0.9 * room) - 1
    values = rng.beta(truth * concentration, (1 - truth) * concentration, replicates)
    return Sample(values, trials * replicates)


def first(sample: Sample, replicates: int) -> Sample:
    """The sample as it was at an earlier look."""
    trials = sample.trials and sample.trials * replicates // sample.values.size
    return Sample(sample.values[:replicates], trials)


def verdicts(
    studied: Sequence[Case], looks: Sequence[Sequence[int]], alpha: float = ALPHA
) -> list[Verdict]:
    """On studies of the claims of a run, judged together at all their looks."""

    def case_at(index: int, replicates: int) -> Case:
        case = studied[index]
        return Case(
            case.expectations,
            [first(sample, replicates) for sample in case.samples],
            case.requirements,
            [first(sample, replicates) for sample in case.checks],
        )

    return [decision.verdict for decision in sequential(looks, case_at, alpha)]
