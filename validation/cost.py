"""What a run will cost, measured from short probes before it starts."""

import resource
import sys
import time
from dataclasses import dataclass
from typing import Any

from validation import plan as plans
from validation.claim import Setting
from validation.experiments import restore
from validation.task import Task, compute

PROBE_STEPS = (5, 25)


@dataclass(frozen=True)
class Cost:
    """Of one replicate of a setting, on one worker."""

    label: str
    networks: int
    seconds: float


def probe(setting: Setting, device: str, compiled: bool) -> Cost:
    """Train a replicate for a few steps and for more: what is left beside the steps, and a step."""
    short, long = PROBE_STEPS
    _seconds(setting.shortened(1), device, compiled)  # imports, first allocations, compilation
    few = _seconds(setting.shortened(short), device, compiled)
    while True:  # until the steps stand out from what varies beside them
        many = _seconds(setting.shortened(long), device, compiled)
        if many - few > few / 2 or long >= setting.steps:
            break
        long = min(4 * long, setting.steps)
    step = max(0.0, many - few) / (long - short)
    return Cost(setting.label, setting.networks, few + step * (setting.steps - short))


def _seconds(setting: Setting, device: str, compiled: bool) -> float:
    started = time.perf_counter()
    compute(Task(setting, 0, 0, device, compiled))
    return time.perf_counter() - started


def costs(plan: dict[str, Any], device: str, compiled: bool) -> list[Cost]:
    """Cost of a replicate of every setting of a plan."""
    return [probe(restore(d), device, compiled) for d in plans.settings(plan)]


def peak_memory() -> int:
    """Largest resident memory of this process so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
