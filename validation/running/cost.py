"""What a run costs: nominal costs, corrected by what replicates have taken so far."""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from validation.experiments import restore
from validation.records import journal
from validation.running.task import Task, compute
from validation.trial.claim import Setting
from validation.trial.identity import key
from validation.trial.plan import Plan

PROBE_STEPS = (5, 25)
PROBE_SECONDS = 0.25
"""A probe that took so long is long enough."""
NOMINAL = {
    "lottery": 0.4e-9, "phase": 0.4e-9, "teaching": 0.4e-9, "summed": 2e-5,
    "Gaussian inputs": 4e-5, "students": 1.3e-4, "kernels": 2e-4, "mixing": 1.2e-5,
    "random features": 2e-3, "members": 0.6e-9, "images": 1e-10,
    "image features": 3e-9, "image students": 1e-10, "image channels": 0.8e-10,
    "image hundred": 1e-10, "pupils": 0.4e-9, "methods": 0.4e-9, "built": 0.4e-9,
    "pathways": 8e-8, "tokens": 3e-4, "sketches": 3e-3, "one-shot": 1.5e-3,
    "subliminal": 1.5e-3, "weak teachers": 7e-8, "weak labels": 8e-10,
    "graphs": 1.2e-9, "wide": 0.6e-10,
}  # fmt: skip
"""Seconds for a unit of a setting's `work`, by experiment: measured on the quick settings, on one
core of a server of 2023. Within an experiment they are right to a factor of two, between machines
they are not; so they only say where to begin."""
USUAL = 1e-4
"""The same of an experiment that is not listed: of a user's own."""


class Estimate:
    """Seconds of one replicate of each setting of a plan, on one worker.

    Of a setting that was measured, the mean. Others are as many times their nominal cost as the
    measured ones of their experiment are of theirs; where none of it was, as all measured ones are.
    """

    def __init__(self, plan: Plan):
        self.kinds: dict[str, str] = {}
        self.nominal: dict[str, float] = {}
        self.taken: dict[str, tuple[int, float]] = {}
        for setting in plan.settings:
            self.kinds[setting.label] = setting.experiment
            nominal = NOMINAL.get(setting.experiment, USUAL)
            self.nominal[setting.label] = nominal * restore(setting.plain).work

    def took(self, label: str, seconds: float) -> None:
        """A replicate has taken so long."""
        count, before = self.taken.get(label, (0, 0.0))
        self.taken[label] = count + 1, before + seconds

    def seconds(self, label: str) -> float:
        """Of a replicate."""
        if label in self.taken:
            count, total = self.taken[label]
            return total / count
        own = [one for one in self.taken if self.kinds[one] == self.kinds[label]]
        return self.nominal[label] * self._ratio(own or list(self.taken))

    def _ratio(self, labels: list[str]) -> float:
        """What replicates of these took over what they should have taken."""
        if not labels:
            return 1.0
        counts = [self.taken[label] for label in labels]
        expected = sum(n * self.nominal[one] for one, (n, _) in zip(labels, counts, strict=True))
        return sum(seconds for _, seconds in counts) / expected

    def left(self, replicates: dict[str, int]) -> float:
        """Seconds of so many replicates of each setting, by label, on one worker."""
        return sum(count * self.seconds(label) for label, count in replicates.items() if count)

    @property
    def basis(self) -> str:
        """What it rests on, in words."""
        unknown = set(self.kinds.values()) - {self.kinds[label] for label in self.taken}
        if not self.taken:
            return "by nominal costs, nothing is measured yet"
        words = "by the replicates that are finished"
        return f"{words} and nominal costs of {', '.join(sorted(unknown))}" if unknown else words


def recorded(out: Path, plan: Plan) -> Iterator[tuple[str, float]]:
    """Setting and seconds of the plan's replicates that the folder's log tells of."""
    events = list(journal.events(out))
    seconds = {e["key"]: e["seconds"] for e in events if e["event"] == "shard" and "seconds" in e}
    if seconds:
        for setting, most in plan.wanted(len(plan.levels)).items():
            for replicate in range(most):
                name = key(setting.plain, plan.seed, replicate)
                if name in seconds:
                    yield setting.label, seconds[name]


def probe(setting: Setting, device: str, compiled: bool) -> float:
    """Seconds of a replicate: from few steps and more follow what a step takes and all else."""
    short, long = PROBE_STEPS
    _seconds(setting.shortened(1), device, compiled)  # imports, first allocations, compilation
    few = _seconds(setting.shortened(short), device, compiled)
    while True:  # until the steps stand out from what varies beside them
        many = _seconds(setting.shortened(long), device, compiled)
        if many - few > few / 2 or long >= setting.steps or many > PROBE_SECONDS:
            break
        long = min(4 * long, setting.steps)
    step = max(0.0, many - few) / (long - short)
    return few + step * (setting.steps - short)


def _seconds(setting: Setting, device: str, compiled: bool) -> float:
    started = time.perf_counter()
    compute(Task(setting, 0, 0, device, compiled))
    return time.perf_counter() - started


def probed(plan: Plan, device: str, compiled: bool) -> Estimate:
    """Costs by a probe of one setting of each experiment: the cheapest, by nominal cost, of those
    with at least as many steps as half of them, for in a few steps all else would outweigh them."""
    estimate = Estimate(plan)
    by_kind: dict[str, list[Setting]] = {}
    for setting in plan.settings:
        by_kind.setdefault(setting.experiment, []).append(restore(setting.plain))
    for settings in by_kind.values():
        middle = sorted(setting.steps for setting in settings)[(len(settings) - 1) // 2]
        long = [setting for setting in settings if setting.steps >= middle]
        chosen = min(long, key=lambda setting: estimate.nominal[setting.label])
        estimate.took(chosen.label, probe(chosen, device, compiled))
    return estimate


def peak_memory() -> int:
    """Largest resident memory of this process so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
