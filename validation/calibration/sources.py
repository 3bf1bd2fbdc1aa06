"""How the comparisons of a claim vary together from replicate to replicate, and where that is known
from: a simulated lottery, trained replicates, or neither."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from validation.experiments import restore
from validation.experiments.lottery.ideal import ideal
from validation.experiments.lottery.setting import LotterySetting
from validation.records import plans
from validation.records.gathered import Evidence, gather
from validation.trial.claim import Claim, Measured
from validation.trial.plan import Plan, PlannedClaim, Study
from validation.trial.simulation import Few, Independent, Joined, Pool, Scores

POPULATION = 2000
"""Simulated replicates of a lottery."""
FEWEST = 5
"""Fewer trained replicates say nothing of a correlation."""
MOST = 40
"""More trained replicates are not kept."""
LOTTERY = "simulated lottery"
TRAINED = "trained replicates"
Kept = Mapping[str, list[list[float]]]
"""What claims observed on trained replicates: rows of expectations, then requirements."""


@lru_cache(maxsize=8)
def _lottery(setting: LotterySetting) -> Measured:
    return ideal(setting, POPULATION, np.random.default_rng(0))


def scores(claim: Claim, planned: PlannedClaim, kept: Kept) -> Scores:
    """From the lottery where it gives the comparisons, else from trained replicates."""
    studies = planned.studies
    required = sum(len(study.requirements) for study in studies)
    compared = sum(len(study.expectations) for study in studies)
    drawn = [_pool(claim, study) for study in studies]
    if all(drawn):
        pools = [pool for pool in drawn if pool]
        widths = [pool.values.shape[1] for pool in pools]
        return Joined([*pools, Independent(required, pools[0].words)], [*widths, required])
    rows = np.array(kept.get(planned.name, ()))
    if rows.ndim == 2 and rows.shape[1] == compared + required and len(rows) >= FEWEST:
        return Few(rows, f"{len(rows)} {TRAINED}")
    return Independent(compared + required)


def _pool(claim: Claim, study: Study) -> Pool | None:
    """Replicates of the lottery as the claim observes them, or None if it is none for the claim."""
    setting = restore(study.setting.plain)
    if not isinstance(setting, LotterySetting) or setting.data.cosine:
        return None
    try:
        samples = claim.observe(_lottery(setting))
    except KeyError:  # it observes what nothing but training shows
        return None
    return Pool(np.array([s.values for s in samples]).T, LOTTERY)


def trained(folder: Path) -> dict[str, list[list[float]]]:
    """What the claims of a finished run observed on its replicates, of all plans in the folder."""
    kept = {}
    for _, plan, evidence in runs(folder):
        for planned in plan.claims:
            count = min(
                [MOST, *(evidence.measured[study.setting].replicates for study in planned.studies)]
            )
            if count < FEWEST or any(evidence.lacks(s.setting, count) for s in planned.studies):
                continue
            case = evidence.case(planned, count)
            values = np.array([sample.values for sample in (*case.samples, *case.checks)]).T
            kept[planned.name] = [[float(f"{x:.4g}") for x in row] for row in values]
    return kept


def runs(folder: Path) -> list[tuple[str, Plan, Evidence]]:
    """The plans of a folder with what it holds of them; ValueError if there are none."""
    names = plans.registered(folder)
    if not names:
        raise ValueError(f"folder={str(folder)!r} holds no run: give that of a finished run")
    loaded = [(name, plans.load(folder, name)) for name in dict.fromkeys(names)]
    return [(name, plan, gather(folder, plan)) for name, plan in loaded]
