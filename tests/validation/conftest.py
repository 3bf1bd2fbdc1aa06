"""A plan of the machinery's own tests: small networks, trained for a few steps."""

from dataclasses import replace
from functools import cache

import pytest

from validation import command, threads
from validation.claims import CLAIMS
from validation.experiments.lottery import setting as lottery
from validation.experiments.teaching.setting import TeachingSetting
from validation.trial import plan as plans
from validation.trial.claim import Claim

REPLICATES = 16


def claims_of_the_lottery() -> dict[str, Claim]:
    """Its replicates take a twentieth of a second, those of students ten times as long.

    The machinery does not know one experiment from another; `test_student_claims` runs both.
    """
    return {name: CLAIMS[name] for name in ("single-view", "ensemble-coverage", "winner")}


def plan_of(steps: int) -> plans.Plan:
    """The lottery's claims on four classes, 16 replicates at the first look of two."""
    (setting,) = lottery.settings("smoke")
    short = setting.shortened(steps)
    claims = [
        replace(c, settings=lambda preset: (short,)) for c in claims_of_the_lottery().values()
    ]
    return plans.make(claims, "smoke", seed=3).with_replicates([REPLICATES, REPLICATES + 2])


@pytest.fixture(scope="session")
def lottery_claims() -> dict[str, Claim]:
    return claims_of_the_lottery()


@pytest.fixture(scope="session")
def small_plan() -> plans.Plan:
    return plan_of(steps=40)


@pytest.fixture(scope="session")
def slow_plan() -> plans.Plan:
    """Replicates of a tenth of a second: time to be killed in. One look: 16 replicates, decided
    or not."""
    return plan_of(steps=150).with_replicates([REPLICATES])


@pytest.fixture
def brief(tmp_path, monkeypatch):
    """The command on networks as in `slow_plan`, six replicates at the first look; its --out."""
    (setting,) = lottery.settings("smoke")
    short = setting.shortened(150)
    claims = {
        name: replace(claim, settings=lambda preset: (short,))
        for name, claim in claims_of_the_lottery().items()
    }
    monkeypatch.setattr(command, "CLAIMS", claims)
    monkeypatch.setitem(plans.TARGETS, "quick", 0.0)
    return tmp_path / "out"


@pytest.fixture(scope="module")
def one_thread():
    """As in every worker: the order of sums is then fixed."""
    with threads.one_thread():
        yield


@pytest.fixture(scope="module")
def law_once():
    """The growth law is integrated for every expectation; here once for each setting."""
    with pytest.MonkeyPatch.context() as patch:
        law = cache(TeachingSetting.alone_at_finite_size)
        patch.setattr(TeachingSetting, "alone_at_finite_size", lambda setting: law(setting))
        yield
