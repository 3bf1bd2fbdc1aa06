"""Ensembles that are built: by starts that depend on each other, by what each network is shown,
by samples drawn or weighed anew, by what members owe to each other.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from mvtheory import coverage as theory
from mvtheory.coverage import shown_coverage
from mvtheory.race import expected_coverage, resampled_coverage, unrivalled_coverage
from validation.data import MultiViewData
from validation.experiments.fitted import fits, fitted
from validation.experiments.lottery.setting import LotterySetting
from validation.experiments.lottery.small import small_lottery
from validation.experiments.methods.setting import DROWNED
from validation.training.schedule import Schedule
from validation.trial.claim import Expectation, Measured, Sample

Kind = Literal[
    "own starts", "orthogonal starts", "opposite starts", "starts passed on", "one view each",
    "one view hidden", "correlated errors", "errors in common", "one start, resampled",
    "own starts, resampled", "boosted, all fitted", "boosted, some wrong",
]  # fmt: skip
PENALTY = {"correlated errors": 0.5, "errors in common": 1.0}
"""lambda of what members owe to each other."""


@dataclass(frozen=True)
class BuiltSetting(LotterySetting):
    """A family is one ensemble, built in the way that `kind` says.

    Networks of a family begin as one in the kinds "one start", "boosted" and "starts passed on",
    where responses to the views of a class move on by a view from member to member. A boosted
    network sees the samples that the one before it got wrong, all equally often; if there are none,
    all samples as before.
    """

    experiment = "built"
    trainer = "validation.experiments.built.training"

    kind: Kind = "own starts"

    @property
    def label(self) -> str:
        return f"{self.kind}, N = {self.family}, M = {self.data.views}, K = {self.data.classes}"

    @property
    def asked(self) -> MultiViewData:
        """The data of the tests: without noise in training, noise that drowns what is not known."""
        if self.data.background_noise:
            return self.data
        singles = self.data.single_view_fraction or 0.2
        noise = DROWNED / self.deviation
        return replace(self.data, background_noise=noise, single_view_fraction=singles)

    def shown(self) -> list[list[int]]:
        """Whether each member of a family is shown a view, shape (members, views)."""
        views, members = self.data.views, range(self.family)
        if self.kind == "one view each":
            return [[int(view == n % views) for view in range(views)] for n in members]
        hidden = self.kind == "one view hidden"
        return [[int(not hidden or view != n % views) for view in range(views)] for n in members]

    def resampling(self) -> float:
        """Relative deviation tau of a strength, from resampling a class's multi-view samples."""
        data, power = self.data, self.power
        count = self.training_samples / data.classes * (1 - data.single_view_fraction)
        variance = data.mean_power(2 * power) / data.mean_power(power) ** 2 - 1
        return math.sqrt(variance / count) / (power - 2)

    @property
    def second(self) -> Schedule:
        """Of a boosted network: views shown alone, at z = 1, take off late."""
        if self.kind != "boosted, some wrong":
            return self.schedule
        return Schedule(13 * self.schedule.steps, 16.0, 13 * self.schedule.steps, 16.0)

    def unrivalled(self) -> float:
        """Share of the views learned that have no rival, in the time there is.

        By a network that is shown one of each class; by a boosted one, to whose samples the M - 1
        views that it did not know are left, one in each, at z = 1.
        """
        data = self.data
        drive, time = (1 - 1 / data.classes) * data.mean_power(self.power), self.schedule.time
        if self.kind == "boosted, some wrong":
            drive, time = (1 - 1 / data.classes) / (data.views - 1), self.second.time
        return unrivalled_coverage(self.neurons, self.power, self.deviation, drive * time)

    def guessed(self) -> float:
        """Chance that a view is not asked for again: all its samples are put right unknown.

        Then none of their distractors shows a view that is known; at most as often as that.
        """
        data = self.data
        samples = self.training_samples * data.single_view_fraction / data.features
        return float((1 - 1 / data.views) ** (samples * data.distractors))

    def squared_late_growth(self, members: int) -> float:
        """Growth left to losers where the mean of so many members has a squared error.

        The winner goes on from 1 to the strength that fits the labels in the mean; what it cannot
        fit of coefficients that vary remains.
        """
        data, bend = self.data, 1 - 1 / self.power
        mean, square = data.mean_power(1), data.mean_power(2)
        strength = (members + bend) * mean / square
        left = (1 + bend / members) * (1 - mean**2 / square)
        until = max(strength - 1, 0.0) / mean
        return data.mean_power(self.power) * (until + left * self.schedule.time)

    def predicted(self) -> float:
        """Coverage of the ensemble, where views that are tied do not count."""
        views, members = self.data.views, self.family
        one = float(theory.single_network(views=views))
        match self.kind:
            case "opposite starts":
                return float(theory.opposite_starts(views=views, neurons=self.neurons))
            case "starts passed on":
                return float(theory.distinct_wins(views=views, networks=members))
            case "one view each" | "one view hidden":
                return shown_coverage(self.shown())
            case "one start, resampled":
                return resampled_coverage(views, self.neurons, members, self.resampling())
            case "errors in common" | "boosted, all fitted":
                return one
            case "boosted, some wrong":
                return one + (1 - one) * self.unrivalled()
            case _:
                return float(theory.ensemble(views=views, networks=members))

    def predicted_here(self) -> float:
        """The same with the near-ties of this initialisation: members cover C_1, not 1/M.

        What an ensemble covers is taken to lie as far between that of one network and that of
        independent ones as it does without ties.
        """
        views, members = self.data.views, self.family
        none, whole = 1 / views, float(theory.ensemble(views=views, networks=members))
        if self.kind == "errors in common":
            return self._tied(members * self.neurons, self.squared_late_growth(members))
        if self.kind == "correlated errors":
            return 1 - (1 - self._tied(self.neurons, self.squared_late_growth(1))) ** members
        value = self.predicted()
        if self.kind == "one view each":
            return value * self.unrivalled()
        if self.kind == "boosted, some wrong":
            return none + (value - none) * (1 - self.guessed())
        alone = self.finite_size_coverage()
        tied = 1 - (1 - alone) ** members
        between = min((value - none) / (whole - none), 1.0)
        return min(1.0, max(value, alone + (tied - alone) * between))

    def _tied(self, neurons: int, late_growth: float) -> float:
        """Coverage of one network of so many neurons, with its near-ties."""
        return expected_coverage(self.data.views, neurons, self.power, self.deviation, late_growth)

    def built_spread(self) -> float:
        """Deviation of a replicate's mean coverage: at most that of independent starts."""
        data = self.data
        lottery = theory.union_variance(data.views, self.family, self.family)
        lottery /= data.classes * self.families
        value = self.predicted_here()
        tied = min(max(data.views * self.finite_size_coverage() - 1, 0.0), 1.0)
        ties = tied / data.views**2 / (data.classes * self.families)
        if self.kind == "boosted, some wrong":
            ties += value * (1 - value) / (data.features * self.families)
        return math.sqrt(lottery + ties + self.guessed_spread(value) ** 2)


def require(setting: BuiltSetting) -> list[Expectation]:
    """Ensembles must have fitted their samples."""
    data = setting.data
    # Single views that are not known are memorised at least by half; a resampled network has not
    # seen a share of 1/e, and without noise there is nothing to memorise them by.
    left = data.single_view_fraction * (1 - 1 / data.views)
    left = setting.margin() / 2 + (left if data.background_noise == 0 else left / 2)
    spread = math.sqrt(left / 2 / setting.training_samples)
    return [fits(setting, 1 - left, spread, "ensembles")]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured, measured.tables["ensembles"])]


Law = Callable[[BuiltSetting], float]


def foreseen(panel: str, setting: BuiltSetting, law: Law) -> list[Expectation]:
    """Coverage of the ensemble by this law, with what finite size adds to that of the setting."""
    value = law(setting)
    finite = value + setting.predicted_here() - setting.predicted()
    place = panel, f"M = {setting.data.views}, K = {setting.data.classes}", setting.kind
    return [
        Expectation.around(
            *place, value, setting.rise(), setting.built_spread(), finite_size=finite, most=1.0
        )
    ]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("ensembles", "coverage").clip(0, 1))]


def only(kinds: Sequence[Kind], other: Law) -> Law:
    """Another law of these kinds."""
    return lambda setting: other(setting) if setting.kind in kinds else setting.predicted()


def independent(setting: BuiltSetting) -> float:
    """Coverage of as many independent starts."""
    return float(theory.ensemble(views=setting.data.views, networks=setting.family))


SQUARED = Schedule(300, 0.25, 300, 0.25, momentum=0.8)
"""Where errors are squared: steps are stable up to about 2 / E z^2 only."""


def built(
    size: str, kind: Kind, views: int, members: int, families: int, **changes: Any
) -> BuiltSetting:
    """So many families of one of the sizes of small lotteries; `changes` are more fields.

    There is noise to memorise, and a few samples that show one view alone, where samples are drawn
    or weighed anew. Elsewhere the race is all there is: a network that sees few views has a slow
    one, and memory would be faster.
    """
    weighed = kind.endswith(("resampled", "fitted", "wrong"))
    singles = weighed and kind != "boosted, all fitted"
    quiet = {} if kind.endswith("resampled") else {"background_noise": 0.0}
    plain = small_lottery(
        size, kind, views, members * families, quiet, families=families, sizes=(members,), **changes
    )
    if quiet:
        plain = replace(plain, data=replace(plain.data, feature_noise=0.0))
    if not singles:
        plain = replace(plain, data=replace(plain.data, single_view_fraction=0.0))
    elif kind == "boosted, some wrong":  # so many of each view that not all are guessed
        singles_each = 3 * views * plain.data.classes / plain.training_samples
        data = replace(plain.data, single_view_fraction=singles_each, distractors=2)
        plain = replace(plain, data=data)
    if kind in PENALTY:
        plain = replace(plain, schedule=SQUARED, deviation=0.03)
    known = {own.name: getattr(plain, own.name) for own in fields(plain)}
    return BuiltSetting(**known, kind=kind)
