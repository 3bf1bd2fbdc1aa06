"""Claim: a squared error goes on driving the views that lost, a cross-entropy does not."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from mvtheory.race import Descent, descend
from mvtheory.race.recognition import smoothed_relu
from mvtheory.references import Credit, Source
from validation.experiments.fitted import fits
from validation.experiments.methods.setting import (
    LossName,
    MethodSetting,
    check,
    fitted_spread,
    late,
    plain_data,
)
from validation.experiments.reduced import race_setting
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "coverage in time"
DRAWS = 1600
"""Classes followed: the standard error of a coverage is below .01, a tenth of the margin."""
CROSS: LossName = "cross-entropy"
SQUARED: LossName = "squared error"
Lengths = tuple[tuple[LossName, tuple[int, ...]], ...]
"""Steps of training, by loss."""
Law = Callable[[MethodSetting], float]


@lru_cache(maxsize=64)
def followed(setting: MethodSetting, loss: str) -> Descent:
    return descend(race_setting(setting), DRAWS, loss=loss)


def law(setting: MethodSetting) -> float:
    return followed(setting, setting.loss).coverage


def settings(preset: str) -> tuple[MethodSetting, ...]:
    """Coefficients that vary widely, from .8 to 2.2: what a winner cannot fit goes with that."""
    every: dict[str, tuple[int, int, dict[int, Lengths]]] = {
        "smoke": (3, 2, {2: ((SQUARED, (20,)), (CROSS, (20,)))}),
        # The losses are not told apart by so few replicates as that has time for.
        "quick": (3, 10, {}),
        "standard": (3, 20, {
            2: ((SQUARED, (80, 240, 640)), (CROSS, (80, 640))),
            3: ((SQUARED, (640,)), (CROSS, (640,))),
        }),
        "full": (5, 20, {2: ((SQUARED, (80, 640)), (CROSS, (640,))), 3: ((SQUARED, (640,)),)}),
    }  # fmt: skip
    classes, networks, chosen = every[preset]
    return tuple(
        MethodSetting(
            name=f"{loss}, {steps} steps", data=plain_data(classes, views, (0.8, 2.2)),
            training_samples=70 * classes, networks=networks, neurons=6, deviation=0.03,
            schedule=Schedule(steps, 0.25, steps, 0.25, momentum=0.9), sizes=(1,), repeats=16,
            test_samples=20 * classes, loss=loss,
        )
        for views, losses in chosen.items()
        for loss, lengths in losses
        for steps in lengths
    )  # fmt: skip


def expect(setting: MethodSetting, law: Law = law) -> list[Expectation]:
    """Coverage of one network; another law serves the calibration."""
    views = setting.data.views
    margin = setting.rise()
    # Of a class that is asked many questions.
    of_class = followed(setting, setting.loss).standard_error * math.sqrt(DRAWS)
    spread = of_class / math.sqrt(setting.networks * setting.data.classes)
    series = f"{setting.loss}, M = {views}, K = {setting.data.classes}"
    place = PANEL, series, setting.steps
    return [Expectation.around(*place, law(setting), margin, spread, most=1.0)]


def require(setting: MethodSetting) -> list[Expectation]:
    """Networks must have fitted what the law says that they have: it follows late classes too."""
    by_law = fitted_share(setting)
    spread = fitted_spread(setting, 1 - by_law)
    return [fits(setting, by_law - late(setting), spread, expected=by_law)]


def fitted_share(setting: MethodSetting) -> float:
    """Training accuracy by the law: a sample is right if its class answers it more strongly than
    the class of its distractor, at mean coefficients."""
    data, strengths = setting.data, followed(setting, setting.loss).strengths[-1]
    own = smoothed_relu(data.mean_power(1) * strengths, setting.power)[0].sum(axis=1)[:, None]
    # Draws are independent classes: the next one stands for that of the distractor.
    other = sum(data.distractor_strength) / 2 * np.roll(strengths, 1, axis=0)
    return float((own > smoothed_relu(other, setting.power)[0]).mean())


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage").clip(0, 1))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for comparison, study in zip(comparisons, measured, strict=True):
        strength = study.numbers("networks", "strength")[0]
        lines.append(
            f"{study.setting.label}: coverage {comparison.observed:.3f}, by the growth law "
            f"{comparison.expectation.predicted:.3f}; the strongest view of a class reaches "
            f"{strength.max(axis=-1).mean():.2f}, the weakest {strength.min(axis=-1).mean():.2f}."
        )
    return lines


_wrong = wrong_by(expect)


SQUARED_ERROR = Claim(
    name="squared-error",
    place=(3, 7),
    title="Under a squared error views that lost are learned after all, slowly",
    statement=(
        "The cross-entropy dies when the winner's outputs are large, and with it the drive of the "
        "losing views. Half the squared distance from one-hot labels does not: the winner alone "
        "cannot fit coefficients that vary: at its best strength the residual keeps a mean of "
        "about (2 - 1/q) Var z / E z^2, and losing views go on growing until they escape too. "
        "Coverage begins at 1/M and rises with the time, as the growth law with that loss says."
    ),
    sources=(Credit("ours, from {}", Source("allenzhu2023", "Appendix D")),),
    formulas=("single_network",),
    assumptions=(
        "no noise to memorise: it would fit the residual in place of a second view",
        "coefficients from .8 to 2.2, and many samples: residuals of few go with their own "
        "coefficients as much as with the mean",
        "steps small enough for a squared error, which is stable up to about 2 / E z^2 only",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of what the growth law of one "
        "class gives, with every number taken from the setting: that of correlated-views. Samples "
        "must be fitted as far as that law has it, which follows classes that are late as well."
    ),
    change="Coefficients that hardly vary: nothing is then left that a winner cannot fit.",
    does_not_show=(
        "that squared errors learn more of real data: noise to memorise is left out, which "
        "would end the drive",
        "other losses that do not die, each of which has a law of its own",
        "coverage after longer training than that shown",
    ),
    panels={PANEL: ("steps of gradient descent", "coverage C of one network")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the loss does not matter: 1/M", lambda s: 1 / s.data.views),
        _wrong("all views, under a squared error", lambda s: 1.0 if s.loss == SQUARED else law(s)),
    ),
    remarks=remarks,
)
