"""Computes some finished replicates of a folder anew, and compares them with what is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from validation.claims import known
from validation.experiments import restore
from validation.records import shards
from validation.records.gathered import Evidence, gather, observed
from validation.records.shards import Shard
from validation.running.task import Task, compute
from validation.threads import one_thread
from validation.trial.plan import Description, Plan

ALIKE = 0.5
"""Root mean square of what a replicate's numbers may differ by on another processor, in units of
the spread that was planned for: replicates that had nothing in common would differ by 1.4."""
CERTAIN = 1e-6
"""The same of numbers without spread, as they are: what rounding in single precision leaves."""


@dataclass(frozen=True)
class Verified:
    """A replicate that was computed again."""

    label: str
    replicate: int
    key: str
    same_bits: bool
    stored_by: str
    computed_by: str
    """The environments."""
    distance: float
    """Root mean square of the differences of what claims observe, in units of planned spreads."""

    @property
    def same_environment(self) -> bool:
        return self.stored_by == self.computed_by

    @property
    def good(self) -> bool:
        """To the last bit or, in another environment, as near as rounding lets it be."""
        return self.same_bits or (not self.same_environment and self.distance <= ALIKE)


@one_thread()
def verify(
    out: Path, plan: Plan, sample: int, seed: int, told: Callable[[Verified], None]
) -> list[Verified]:
    """Compute so many replicates anew, drawn by chance from all that are finished.

    Parameters
    ----------
    out : Path
    plan : Plan
    sample : int, >= 1
        All of them if there are fewer.
    seed : int
        Of the draw alone.
    told : callable
        Given each as it comes.
    """
    evidence = gather(out, plan)
    every = [(setting, own) for setting, rows in evidence.by_setting.items() for own in rows]
    if not every:
        raise ValueError(f"DIR={str(out)!r} has no finished replicate: run its plan first")
    chosen = np.random.default_rng(seed).permutation(len(every))[:sample]
    found = []
    for index in sorted(chosen):
        setting, shard = every[index]
        found.append(_again(plan, evidence, setting, shard))
        told(found[-1])
    return found


def _again(plan: Plan, evidence: Evidence, setting: Description, shard: Shard) -> Verified:
    before = shard.provenance["environment"]
    task = Task(
        restore(setting.plain), shard.seed, shard.replicate,
        "cpu" if before.startswith("cpu") else "auto", ", compiled," in before,
    )  # fmt: skip
    tables, provenance = compute(task)
    again = shards.Shard(shard.setting, shard.seed, shard.replicate, tables, provenance)
    same = again.digest == shard.digest
    distance = 0.0 if same else _distance(plan, setting, shard, again)
    return Verified(
        setting.label, shard.replicate, shard.key, same, before, provenance["environment"], distance
    )


def _distance(plan: Plan, setting: Description, one: Shard, other: Shard) -> float:
    """How far the numbers that claims observe of two replicates differ."""
    units = []
    for planned in plan.claims:
        for study in planned.studies:
            if study.setting != setting:
                continue
            claim = known(planned.name, planned.module)
            sides = []
            for shard in (one, other):
                alone = shards.Shard(shard.setting, shard.seed, 0, shard.tables, shard.provenance)
                measured = shards.measured(restore(setting.plain), [alone])
                seen, _ = observed(claim, study, measured)
                sides.append([sample.mean for sample in seen])
            units += [
                (first - second) / (e.spread or CERTAIN / ALIKE)
                for e, first, second in zip(study.expectations, *sides, strict=True)
            ]
    return float(np.sqrt(np.mean(np.square(units))))
