"""Wrong formulas, judged on studies that follow the right ones, and on trained networks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from validation.calibration.decided import CODES, decided
from validation.calibration.sources import runs
from validation.calibration.studied import Simulated
from validation.claims import CLAIMS
from validation.experiments import restore
from validation.trial.claim import Claim, Expectation, Wrong
from validation.trial.evidence import p_inside, p_outside
from validation.trial.plan import PlannedClaim
from validation.trial.verdict import ALPHA, Case, combined, judge


@dataclass(frozen=True)
class Refused:
    """What became of a wrong formula."""

    words: str
    counts: dict[str, int]
    """Studies by verdict."""
    real: str | None
    """The verdict on trained networks; None for a rule, and where none are given."""


Judge = Callable[[PlannedClaim, Wrong], str | None]


def refused(
    claim: Claim,
    planned: PlannedClaim,
    simulated: Simulated,
    studies: int,
    alpha: float,
    rng: np.random.Generator,
    real: Judge | None,
) -> list[Refused]:
    """Every wrong formula of a claim on so many studies, at the error that one claim may have."""
    _, scores = next(simulated.blocks(studies, rng))
    expected = [simulated.samples(place, own) for place, own in enumerate(scores)]
    found = []
    for wrong in claim.wrong:
        claimed, samples = list(simulated.expectations), list(expected)
        if wrong.expect:
            claimed = expectations(wrong, planned)
        if wrong.truth:
            for place, e in enumerate(simulated.expectations):
                truth = wrong.truth(e, simulated.views[place])
                samples[place] = simulated.samples(place, scores[place], truth)
        ranges = [*claimed, *simulated.requirements]
        p_values = []
        for look in range(len(simulated.looks)):
            pairs = [(own[look], e) for own, e in zip(samples, ranges, strict=True)]
            inside = [p_inside(*pair) for pair in pairs]
            outside = [p_outside(*pair) for pair in pairs]
            parts = combined(inside, outside, len(claimed))
            p_values.append([np.broadcast_to(part, inside[0].shape) for part in parts])
        codes, _ = decided(np.array(p_values), alpha)
        counts = Counter(str(CODES[code]) for code in codes)
        found.append(Refused(wrong.words, dict(counts), real(planned, wrong) if real else None))
    return found


def expectations(wrong: Wrong, planned: PlannedClaim) -> list[Expectation]:
    """What the wrong formula predicts for the settings of the plan."""
    assert wrong.expect is not None
    settings = [restore(study.setting.plain) for study in planned.studies]
    return [e for setting in settings for e in wrong.expect(setting)]


def on_networks(folder: Path) -> Judge:
    """A judge of wrong formulas by the trained networks of a finished run, the last of its plans.

    None for a rule that was not measured, and for a claim without its first look.
    """
    _, plan, evidence = runs(folder)[-1]
    own = {claim.name: claim for claim in plan.claims}
    # As one of as many claims as the run had: the strictest level that Holm may ask for.
    alpha = ALPHA / len(own)

    def verdict(planned: PlannedClaim, wrong: Wrong) -> str | None:
        if wrong.expect is None or planned.name not in own:
            return None
        # For the settings that were trained, whatever today's presets are.
        trained = own[planned.name]
        case = evidence.complete_case(trained, trained.replicates[0])
        if case is None:
            return None
        judged = Case(expectations(wrong, trained), case.samples, case.requirements, case.checks)
        return str(judge([judged], 1, alpha)[0].verdict)

    return verdict


def excused(name: str, real: str | None) -> bool:
    """Whether trained networks refuse the formula, or need not: they may refute the claim too."""
    return real in (None, "FAILS") or bool(CLAIMS[name].refuted)
