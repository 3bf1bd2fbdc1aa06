"""Claim: the growth law tells, over the whole phase diagram, how many views are learned."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from mvtheory import coverage as theory
from mvtheory.race import Descent, Setting
from mvtheory.references import Credit, Source
from validation.experiments.phase.setting import PhaseSetting, settings
from validation.experiments.reduced import followed, race_setting
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

TIME = "coverage in time"
POWERS = (2, 3, 4)
FITTED = 0.85
"""Least accuracy on the multi-view training samples at the points of the maps."""


def panel(setting: PhaseSetting) -> str:
    return TIME if setting.stopped else f"q = {setting.power}"


def law(setting: Setting) -> float:
    return followed(setting).coverage


def expect(setting: PhaseSetting, coverage: Callable[[Setting], float] = law) -> list[Expectation]:
    """The coverage that the growth law gives; another law in its place serves the calibration."""
    races = race_setting(setting)
    views, classes = races.views, setting.networks * races.classes
    known: Descent = followed(races)
    margin = float(theory.ensemble(views=views, networks=2) - 1 / views) / 5
    margin += 2 * known.standard_error
    # What a class knows varies from one to the next; the data that they share adds little to it.
    spread = known.deviation / math.sqrt(classes)
    x, series = (
        (
            setting.steps,
            f"q = {setting.power}, {setting.single_views} single-view samples of a view",
        )
        if setting.stopped
        else (setting.deviation, str(float(setting.single_views)))
    )
    return [
        Expectation.around(panel(setting), series, x, coverage(races), margin, spread, most=1.0)
    ]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage"))]


def require(setting: PhaseSetting) -> list[Expectation]:
    """Multi-view samples are fitted, but for networks stopped on their way: above chance."""
    low = 1 / setting.data.classes if setting.stopped else FITTED
    return [
        Expectation(
            "accuracy on multi-view training samples", "one network", setting.label, 1.0, low, None,
            spread=0.02, trials=_fitted(setting),
        )
    ]  # fmt: skip


def _fitted(setting: PhaseSetting) -> int:
    """Multi-view training samples of a replicate, which all its networks share."""
    return round((1 - setting.data.single_view_fraction) * setting.training_samples)


def check(measured: Measured) -> list[Sample]:
    values = measured.by_replicate("networks", "multi_view_training_accuracy")
    return [Sample.of(values, _fitted(measured.setting) * measured.replicates)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for name in dict.fromkeys(c.expectation.panel for c in comparisons):
        own = [c for c in comparisons if c.expectation.panel == name]
        predicted = [c.expectation.predicted for c in own]
        worst = max(own, key=lambda c: abs(c.difference))
        error = "" if worst.standard_error is None else f" ± {worst.standard_error:.3f}"
        lines.append(
            f"{name}: predicted coverage runs from {min(predicted):.3f} to {max(predicted):.3f}; "
            f"observed minus predicted is {sum(c.difference for c in own) / len(own):+.3f} on "
            f"average and at most {worst.difference:+.3f}{error}, at {worst.expectation.x:g}, "
            f"{worst.expectation.series}."
        )
    return lines


_wrong = wrong_by(expect)


PHASE_DIAGRAM = Claim(
    name="phase-diagram",
    place=(4, 3),
    title="Activation power, initialisation and single-view data decide how many views are learned",
    statement=(
        "The growth law dLambda/dt = S Lambda^(q-1), followed from the distribution of the initial "
        "responses with the drive that dies when the multi-view samples are fitted and that of the "
        "single-view samples until they are memorised, gives the coverage of a network at every "
        "point: near 1/M for q > 2 and a small initialisation, rising with the initial "
        "deviation, the single-view samples and the time, and near 1 at q = 2."
    ),
    sources=(
        Credit(
            "{}, for the growth law; {} for depth in the place of q; the diagram: ours",
            Source("allenzhu2023", "Appendix D"),
            Source("saxe2022"),
        ),
    ),
    formulas=("time_to_reach", "loser_strength"),
    assumptions=(
        "orthonormal features, a patch for each view, noise in their orthogonal complement",
        "full-batch gradient descent on the cross-entropy, smoothed ReLU of power q",
        "background noise weak enough that features are learned before the noise of samples",
        "every view is in every multi-view sample",
    ),
    margin=(
        "On both sides (1 - 1/M)/(5M), a fifth of what a second network adds, and two standard "
        "errors of the law's own classes, which are drawn at random. Nothing is fitted."
    ),
    change=(
        "Noise in the span of the features, correlated views, so much background noise that it is "
        "learned first, or classes coupled by strong distractors."
    ),
    does_not_show=(
        "the boundary between the points that are trained, nor beyond two views and a few classes",
        "each part of the law by itself: drives that die later and slower initial growth would "
        "move the coverage alike",
        "that networks with several layers, or stochastic gradient descent, have the same diagram",
    ),
    panels={
        f"q = {power}": (
            "initial deviation (ReLU thresholds)",
            "single-view samples of a view",
            "coverage C, observed (and predicted)",
        )
        for power in POWERS
    }
    | {TIME: ("steps of gradient descent", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("1/M at every point", lambda s: 1 / s.views),
        _wrong("every view at every point", lambda s: 1.0),
        _wrong("q + 1 in place of q", lambda s: law(replace(s, power=s.power + 1))),
        _wrong("q = 2 throughout", lambda s: law(replace(s, power=2))),
        _wrong("the deviation plays no part", lambda s: law(replace(s, deviation=0.02))),
        _wrong("ten times the deviation", lambda s: law(replace(s, deviation=10 * s.deviation))),
    ),
    remarks=remarks,
)
