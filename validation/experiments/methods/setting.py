"""The lottery under other optimisers and other losses than gradient descent on the cross-entropy.

There is nothing to memorise here: what differs between the settings is the method alone.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from mvtheory.race import augmented_coverage, unrivalled_coverage
from validation.data import MultiViewData
from validation.experiments.fitted import fits, fitted
from validation.experiments.lottery.setting import LotterySetting
from validation.experiments.reduced import race_setting
from validation.trial.claim import Expectation, Measured, Sample

LossName = Literal["cross-entropy", "squared error"]
Made = Literal["as they are", "midpoints", "midpoints apart", "masked", "pasted"]
DROWNED = 0.12
"""Deviation of a response to the noise of the tests at the start: what is not learned drowns in it,
a learned view does not."""
NOISE_DIMENSIONS = 100
"""Of each class. Where features are turned away from the axes, the signs of a gradient point off
it by about .75 over the root of all dimensions, along other views too; here by .04."""


@dataclass(frozen=True)
class MethodSetting(LotterySetting):
    """`batch` samples of each class are drawn for a step, all of them at 0; with `turned` data and
    weights are in the coordinates of a random orthonormal basis, not of the features.

    With `averaged` the table `averages` has what averages of outputs and of weights know. A `share`
    of the training samples is `made` into midpoints of two samples of different classes, the one
    in the patches of the other or, apart, in patches of its own; or a share of the patches of views
    is masked, or replaced by those of a sample of another class, with labels to match.
    """

    experiment = "methods"
    trainer = "validation.experiments.methods.training"

    loss: LossName = "cross-entropy"
    batch: int = 0
    turned: bool = False
    averaged: bool = False
    made: Made = "as they are"
    share: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.share <= 1 or (self.share and self.made == "as they are"):
            raise ValueError(
                f"share={self.share} is not allowed with made={self.made!r} (0 <= share <= 1, and "
                "0 where samples stay as they are); choose a share in this range, or how samples "
                "are made"
            )

    @property
    def asked(self) -> MultiViewData:
        """The data of the tests."""
        return replace(
            self.data, background_noise=DROWNED / self.deviation, single_view_fraction=0.2
        )

    @property
    def label(self) -> str:
        return f"{self.name}, M = {self.data.views}, K = {self.data.classes}"


def plain_data(
    classes: int, views: int, strength: tuple[float, float] = (1.5, 2.0)
) -> MultiViewData:
    """Without noise and single-view samples."""
    return MultiViewData(
        classes=classes, views=views, dimension=(views + NOISE_DIMENSIONS) * classes, distractors=1,
        background_noise=0.0, feature_noise=0.0, single_view_fraction=0.0, strength=strength,
    )  # fmt: skip


def require(setting: MethodSetting) -> list[Expectation]:
    """Networks must have fitted their samples, but for classes whose responses are all negative."""
    dead = 2.0 ** -(setting.data.views * setting.neurons)
    begun = learned_in_time(setting)
    spread = fitted_spread(setting, 1 - begun)
    return [fits(setting, 1 - dead - late(setting), spread, expected=begun)]


def late(setting: MethodSetting) -> float:
    """Share of classes that may still be in their race.

    They are not known at all, which lowers the coverage by their share over M: by half of what a
    fifth of a second network adds at most.
    """
    return setting.data.views * setting.margin() / 2


def fitted_spread(setting: MethodSetting, unfitted: float) -> float:
    """Deviation of a replicate's training accuracy, where so many classes are not fitted."""
    classes = setting.data.classes * setting.networks
    return math.sqrt(unfitted + late(setting) / 4) / math.sqrt(classes)


def learned_in_time(setting: MethodSetting) -> float:
    """Share of classes that the growth law lets escape in the time that there is.

    Of the others the strongest response at the start, one of m M, is negative or too faint.
    """
    responses = setting.neurons * setting.data.views
    if setting.schedule.adaptive or setting.share:  # as if there were time enough
        return float(1 - 2.0**-responses)
    race = race_setting(setting)
    growth = race.drive() * race.time
    return unrivalled_coverage(responses, setting.power, setting.deviation, growth)


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured)]


@lru_cache(maxsize=256)
def made_coverage(setting: MethodSetting) -> float:
    """Coverage of one network by the growth law, with its samples made of others."""
    made = setting.made if setting.made in ("masked", "pasted") else "midpoints"
    return augmented_coverage(race_setting(setting), made, setting.share)


def made_spread(setting: MethodSetting, coverage: float) -> float:
    """Deviation of a replicate's coverage: of who knows a second view, of two, and of guesses."""
    second = min(max(2 * coverage - 1, 0.0), 1.0)
    known = math.sqrt(second * (1 - second) / (setting.networks * setting.data.classes)) / 2
    return math.hypot(known, setting.guessed_spread(coverage))


def apart_spread(setting: MethodSetting, coverage: float) -> float:
    """Deviation of a replicate's coverage if views are known independently of each other."""
    pairs = setting.networks * setting.data.features
    known = math.sqrt(coverage * (1 - coverage) / pairs)
    return math.hypot(known, setting.guessed_spread(coverage))
