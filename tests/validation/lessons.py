"""What the tests of lessons share: settings small enough to be taught in a test."""

from functools import cache

from validation.experiments import measure
from validation.experiments.teaching.setting import settings
from validation.records import shards as store
from validation.trial.claim import Measured

SEED = 3
LESSONS = ("generations", "followed", "curriculum")


def gathered(setting, replicates=range(2)) -> Measured:
    """Replicates as a run gathers them."""
    shards = [
        store.Shard(setting.describe(), SEED, n, measure(setting, SEED, n), {}) for n in replicates
    ]
    return store.measured(setting, shards)


@cache
def studied(lesson: str) -> Measured:
    (setting,) = settings("smoke", lesson)
    return gathered(setting)
