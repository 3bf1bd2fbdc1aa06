"""A plan of the machinery's own tests: small networks, trained for a few steps."""

from dataclasses import replace

import pytest

from validation import plan as plans
from validation.experiments import CLAIMS, lottery

REPLICATES = 16


def plan_of(steps: int) -> dict:
    """All claims on one setting of four classes, 16 replicates at the first look of two."""
    (setting,) = lottery.settings("smoke")
    short = setting.shortened(steps)
    claims = [replace(c, settings=lambda preset: (short,)) for c in CLAIMS.values()]
    plan = plans.make(claims, "smoke", seed=3)
    return plan | {
        "looks": [
            {"look": 1, "replicates": REPLICATES, "level": 0.025},
            {"look": 2, "replicates": REPLICATES + 2, "level": 0.0125},
        ]
    }


@pytest.fixture(scope="session")
def small_plan() -> dict:
    return plan_of(steps=40)


@pytest.fixture(scope="session")
def slow_plan() -> dict:
    """Replicates of a third of a second: time to be killed in."""
    return plan_of(steps=250)
