"""Claim: descent of any sort learns one view; Adam lets neurons, or views, race apart."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.methods.setting import (
    MethodSetting,
    apart_spread,
    check,
    plain_data,
    require,
)
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "coverage by method"
NEURONS = 3
ADAM: dict[str, float] = {"momentum": 0.9, "late_momentum": 0.9, "adaptive": 0.999}
METHODS: dict[str, tuple[Schedule, dict[str, Any]]] = {
    "gradient descent": (Schedule(300, 4.0, 60, 12.0, late_momentum=0.3), {}),
    "batches of a tenth": (Schedule(300, 4.0, 60, 12.0, late_momentum=0.3), {"batch": 3}),
    "momentum": (Schedule(600, 0.8, 600, 0.8, momentum=0.9), {}),
    "small steps": (Schedule(1500, 0.8, 300, 2.8), {}),
    "large steps": (Schedule(250, 16.0, 250, 16.0), {}),
    "Adam, features turned": (Schedule(150, 0.002, 150, 0.002, **ADAM), {"turned": True}),
    "Adam, a weight a feature": (Schedule(300, 0.004, 300, 0.004, **ADAM), {}),
}
Law = Callable[[MethodSetting], float]


def settings(preset: str) -> tuple[MethodSetting, ...]:
    classes, views, networks = {
        "smoke": (3, (2,), 4), "quick": (3, (3,), 20), "standard": (5, (2, 3), 20),
        "full": (10, (2, 3, 4), 40),
    }[preset]  # fmt: skip
    return tuple(
        MethodSetting(
            name=name, data=plain_data(classes, count), training_samples=30 * classes,
            networks=networks, neurons=NEURONS, deviation=0.015, schedule=schedule, sizes=(1,),
            repeats=16, test_samples=20 * classes, **changes,
        )
        for count in views
        for name, (schedule, changes) in METHODS.items()
    )  # fmt: skip


def law(setting: MethodSetting) -> float:
    if not setting.schedule.adaptive:
        return float(theory.single_network(views=setting.data.views))
    if setting.turned:
        return float(theory.neurons_apart(views=setting.data.views, neurons=setting.neurons))
    return float(theory.views_apart(neurons=setting.neurons))


def expect(setting: MethodSetting, law: Law = law) -> list[Expectation]:
    """Coverage of one network; another law serves the calibration."""
    value, finite = law(setting), None
    spread = apart_spread(setting, value)
    if not setting.schedule.adaptive:
        # Near-ties, by the growth law.
        finite = value + setting.finite_size_coverage() - 1 / setting.data.views
        spread = math.hypot(setting.coverage_spread(1), setting.guessed_spread(value))
    place = PANEL, f"M = {setting.data.views}, K = {setting.data.classes}", setting.name
    return [Expectation.around(*place, value, setting.rise(), spread, finite_size=finite)]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: {comparison.observed:.3f} of the views are known, by the law "
        f"{comparison.expectation.expected:.3f}; the weights before training call "
        f"{study.by_replicate('networks', 'winner_right').mean():.1%} of the strongest views."
        for comparison, study in zip(comparisons, measured, strict=True)
    ]


_wrong = wrong_by(expect)


OPTIMISERS = Claim(
    name="optimisers",
    place=(3, 6),
    title="Descent of any sort learns one view; Adam ends the race between neurons, or views",
    statement=(
        "Batches, momentum, small steps and large ones change how long a race takes, not that one "
        "view of a class wins it: coverage 1/M. Adam's steps have one length whatever the "
        "gradient. Where features are turned away from the axes of the weights, each neuron learns "
        "the view that it favours itself, 1 - (1 - (1 - 2^-M)/M)^m; where each feature is one "
        "weight of a neuron, each view is learned to which some neuron responds, 1 - 2^-m."
    ),
    sources=(
        Credit(
            "{}, for gradient descent; what Adam does: ours", Source("allenzhu2023", "Appendix D")
        ),
    ),
    formulas=("single_network", "neurons_apart", "views_apart"),
    assumptions=(
        "no noise to memorise and no single-view samples: what differs is the method alone",
        f"{NEURONS} neurons of each class: with many, Adam learns every view",
        "features turned in so many dimensions that signs of a gradient point along it",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the "
        "formula and, for descent, of the growth law's value with near-ties."
    ),
    change=(
        "Noise, which Adam memorises as fast as it learns views; long training with Adam, whose "
        "steps shrink less than the loss does. Little time: at two views descent leaves one class "
        "in twenty unlearned, as the growth law foresees; much more is not allowed."
    ),
    does_not_show=(
        "rates and batches other than those trained, weight decay, or other adaptive methods "
        "than Adam",
        "Adam with noise to memorise, as on real data",
        "that Adam's ensembles are worse: a network's coverage is judged",
    ),
    panels={PANEL: ("method", "coverage C of one network")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("Adam learns what descent learns", lambda s: 1 / s.data.views),
        _wrong("with Adam every view is learned", lambda s: 1.0 if s.schedule.adaptive else law(s)),
        _wrong(
            "batches add what a second network does",
            lambda s: 1 - (1 - 1 / s.data.views) ** 2 if s.batch else law(s),
        ),
    ),
    remarks=remarks,
)
