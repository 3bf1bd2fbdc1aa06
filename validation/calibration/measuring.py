"""The measurement of all claims, one after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from validation.calibration import sources
from validation.calibration.decided import decided
from validation.calibration.hashes import hash_of
from validation.calibration.studied import EVERY, POSITIONS, PRECONDITION, Simulated, p_values
from validation.calibration.wrong import Refused, on_networks, refused
from validation.claims import CLAIMS, of_preset
from validation.threads import one_thread
from validation.trial.plan import Plan, PlannedClaim, make
from validation.trial.verdict import ALPHA, level

Steps = Callable[[int, str], Iterable[int]]
PRESETS = ("quick", "standard")
"""A claim is calibrated as it is planned in the first of these in which it has settings."""
INSIDE = (*(str(p) for p in POSITIONS if p <= 1), EVERY)
"""Scenarios in which no truth is outside its range: a claim must not FAIL."""
BEYOND = tuple(str(p) for p in POSITIONS if p >= 1)
"""Scenarios in which the truth of a comparison is not inside its range: a claim must not HOLD."""


Planned = tuple[str, int, PlannedClaim]
"""The preset in which a claim is calibrated, the number of claims of such a run, the claim."""


def untold(count: int, words: str) -> Iterable[int]:
    """Steps that nobody watches."""
    return range(count)


@dataclass(frozen=True)
class Row:
    """Counts of a claim over the simulated studies of each scenario."""

    name: str
    hash: str
    preset: str
    claims: int
    """Of the run in which it is planned: of so many claims Holm's method may ask the most."""
    comparisons: int
    replicates: tuple[int, ...]
    """At each look."""
    source: str
    """Of what is known of how its comparisons vary together."""
    first: int
    """Studies with the truth as predicted that HOLD at the first look, at the strictest level."""
    strictest: dict[str, tuple[int, int, int]]
    """HOLDS, FAILS and OUTSIDE ASSUMPTIONS by scenario, after all looks, if Holm's method asks for
    the most: all other claims are undecided."""
    alone: dict[str, tuple[int, int, int]]
    """The same if it asks for the least: all others are decided."""
    used: dict[str, float]
    """Mean number of replicates by scenario, at the strictest level."""
    wrong: list[Refused] = field(default_factory=list)

    def errors(self, alone: bool) -> tuple[int, int, int]:
        """False HOLDS, FAILS and OUTSIDE ASSUMPTIONS, of the scenarios in which they are most."""
        counts = self.alone if alone else self.strictest
        return (
            max(counts[name][0] for name in BEYOND),
            max(counts[name][1] for name in INSIDE),
            counts[PRECONDITION][2],
        )


@dataclass(frozen=True)
class Calibration:
    """Error rates of claims."""

    studies: int
    seed: int
    rows: list[Row]
    kept: dict[str, list[list[float]]]
    """Trained replicates by claim, where those say how comparisons vary together."""

    @property
    def whole(self) -> list[Row]:
        """Of all claims of a run of the preset quick; empty if one was not measured."""
        rows = [row for row in self.rows if row.preset == PRESETS[0]]
        return rows if rows and len(rows) == rows[0].claims else []


@one_thread()
def calibrate(
    studies: int,
    seed: int,
    names: Sequence[str] | None = None,
    kept: sources.Kept | None = None,
    folder: Path | None = None,
    steps: Steps = untold,
) -> Calibration:
    """Simulate runs with the truth in different places.

    Parameters
    ----------
    studies : int >= 1
        Simulated runs in each scenario: the truth of one comparison as predicted, at a border of
        its range, at distances between and beyond; all at their borders; a precondition at its
        border. A twentieth as many for each wrong formula, at least one.
    seed : int >= 0
    names : sequence of str, optional
        Claims; all by default. They are planned, and judged, as in a run of all.
    kept : mapping, optional
        Trained replicates by claim, as `trained` has them of a run: they say how comparisons vary
        together where no lottery can be simulated.
    folder : Path, optional
        A finished run, by whose networks wrong formulas are judged too.
    steps : callable, optional
        Goes through so many steps, of which it is told what they are, and may show how far it is.
    """
    trained = dict(kept or {})
    real = None if folder is None else on_networks(folder)
    every = planned()
    chosen = [own for own in every if names is None or own[2].name in names]
    rows = []
    for number in steps(len(chosen), "claims"):
        preset, count, own = chosen[number]
        claim = CLAIMS[own.name]
        # Every claim has a stream of its own, so that one alone has the numbers it has among all.
        place = [one.name for _, _, one in every].index(own.name)
        rng, other = (
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(kind, place)))
            for kind in (0, 1)
        )
        scores = sources.scores(claim, own, trained)
        simulated = Simulated.of(own, scores)
        found = p_values(simulated, studies, rng)
        few = max(1, studies // 20)
        judged = refused(claim, own, simulated, few, ALPHA / count, other, real)
        rows.append(_row(own, preset, count, simulated, found, judged))
    by_training = [row.name for row in rows if row.source.endswith(sources.TRAINED)]
    return Calibration(studies, seed, rows, {name: trained[name] for name in by_training})


def planned(plans: Iterable[Plan] | None = None) -> list[Planned]:
    """Every claim as it is planned in a run of all.

    `plans` are those runs, of the presets in `PRESETS`, where they are made already.
    """
    found: dict[str, Planned] = {}
    for plan in plans or (make(of_preset(preset), preset, 0) for preset in PRESETS):
        for own in plan.claims:
            found.setdefault(own.name, (plan.preset, len(plan.claims), own))
    return list(found.values())


def _row(
    own: PlannedClaim,
    preset: str,
    count: int,
    simulated: Simulated,
    found: Mapping[float | str, NDArray[np.float64]],
    judged: list[Refused],
) -> Row:
    strictest, alone, used = {}, {}, {}
    replicates = np.array(own.replicates)
    for name, p_value in found.items():
        codes, looks = decided(p_value, ALPHA / count)
        strictest[str(name)] = _counts(codes)
        used[str(name)] = round(float(replicates[looks - 1].mean()), 2)
        alone[str(name)] = _counts(decided(p_value, ALPHA)[0])
    first = int((found[0.0][0, 0] <= level(1, ALPHA / count)).sum())
    return Row(
        own.name, hash_of(own, count), preset, count,
        len(simulated.expectations), own.replicates, simulated.scores.words, first, strictest,
        alone, used, judged,
    )  # fmt: skip


def _counts(codes: NDArray[np.int8]) -> tuple[int, int, int]:
    """Studies that HOLD, that FAIL, that are OUTSIDE."""
    holds, fails, outside = (int((codes == code).sum()) for code in (1, 2, 3))
    return holds, fails, outside
