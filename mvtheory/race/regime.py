"""Does a setting lie where one view of each class is learned, and what coverage it will have."""

from dataclasses import dataclass

from mvtheory.race.descent import descend
from mvtheory.race.growth import expected_coverage
from mvtheory.race.late import late_growth, learning_time, memory_time
from mvtheory.race.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One hypothesis of the theory with its number: it is met where `value` is at most `limit`."""

    name: str
    value: float
    limit: float
    words: str

    @property
    def met(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "not met"
        return f"{self.name}: {verdict}, {self.value:.3g} against {self.limit:.3g} ({self.words})"


@dataclass(frozen=True, kw_only=True)
class Regime:
    """What the theory says of a setting before anything is trained.

    Attributes
    ----------
    conditions : tuple of Condition
        The hypotheses under which one view of each class is learned.
    asymptotic : float
        Coverage 1/M that they imply.
    coverage : float
        Coverage that the growth law gives at this setting, whether or not they are met.
    standard_error : float
        Of `coverage`, from the classes drawn.
    """

    setting: Setting
    conditions: tuple[Condition, ...]
    asymptotic: float
    coverage: float
    standard_error: float

    @property
    def one_view(self) -> bool:
        """Whether every hypothesis is met, so that coverage is near 1/M."""
        return all(condition.met for condition in self.conditions)

    @property
    def missed(self) -> tuple[Condition, ...]:
        """The hypotheses that are not met: what to change."""
        return tuple(condition for condition in self.conditions if not condition.met)

    def __str__(self) -> str:
        head = f"coverage {self.coverage:.3f} by the growth law, {self.asymptotic:.3f} if every "
        return "\n".join([head + "hypothesis were met", *map(str, self.conditions)])


def regime(setting: Setting, draws: int = 1000, seed: int = 0) -> Regime:
    """Which hypotheses of the theory a setting meets, and the coverage that the growth law gives.

    Nothing is fitted: the coverage follows `draws` random classes through the training
    (`descend`), the limits compare closed forms of the same law.

    Parameters
    ----------
    setting : Setting
    draws, seed : int
        Classes drawn, and the seed of the draws.

    Returns
    -------
    Regime

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D. The limits say where a correction is small,
    not where a theorem ends.

    Examples
    --------
    Two layers of plain ReLUs grow with power 2; every view is sometimes missing:

    >>> from mvtheory.race import Setting
    >>> found = regime(Setting(views=3, classes=5, neurons=6, power=2, deviation=0.02, samples=50,
    ...                        stages=((100, 3.0),), presence=0.7), draws=300)
    >>> [condition.name for condition in found.missed]
    ['views compete', 'races are decided']
    >>> round(found.coverage, 1)
    1.0
    """
    followed = descend(setting, draws, seed)
    return Regime(
        setting=setting,
        conditions=_conditions(setting),
        asymptotic=1 / setting.views,
        coverage=followed.coverage,
        standard_error=followed.standard_error,
    )


def _conditions(setting: Setting) -> tuple[Condition, ...]:
    views, power, samples = setting.views, setting.power, setting.samples
    learned, memorised = learning_time(setting), memory_time(setting)
    tied = expected_coverage(views, setting.neurons, power, setting.deviation, late_growth(setting))
    multi = samples * (1 - setting.single_view_fraction)
    p = setting.presence
    alone = setting.single_view_samples + multi * p * (1 - p) ** (views - 1) * (views > 1)
    return (
        Condition(
            name="views compete", value=1 / (power - 1), limit=0.999,
            words="1/(q-1): at q = 2 growth is exponential and initial ratios are kept",
        ),
        Condition(
            name="races are decided", value=tied - 1 / views, limit=(1 - 1 / views) / (5 * views),
            words="coverage added by near-ties and single-view samples, against a fifth of what a "
            "second network adds; a smaller initial deviation makes ties rarer",
        ),
        Condition(
            name="trained long enough", value=learned, limit=setting.time,
            words="time in which a view is learned against the time of training",
        ),
        Condition(
            name="features before noise", value=learned, limit=memorised,
            words="time in which a view is learned against that in which a sample's noise is",
        ),
        Condition(
            name="no view is seen alone", value=alone / samples * min(setting.time, memorised),
            limit=_needed(setting),
            words="drive of the samples that show one view alone, until they are memorised, "
            "against what a losing view needs",
        ),
    )  # fmt: skip


def _needed(setting: Setting) -> float:
    """Drive times time that takes a typical losing view to the threshold."""
    return learning_time(setting) * setting.drive()
