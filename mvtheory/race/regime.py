"""Does a setting lie where one view of each class is learned, and what coverage it will have.

The coverage is that of random classes followed through the training (`descend`). With L_l = 1 for a
view that some neuron has learned, its response at the threshold or beyond, and r_l for how often it
is recognised, corrected for chance, it differs from 1/M by four corrections,

    C - 1/M = (E[(L - 1)^+] - P(L = 0) - E[sum L_l (1 - r_l)] + E[sum (1 - L_l) r_l]) / M,

L = sum L_l: further views that are learned, classes in which none is, views that are learned in
vain, and views that are recognised all the same. Each has a condition, and so has what they add up
to: where all are met the coverage is within `margin` of 1/M.
"""

from dataclasses import dataclass

from mvtheory.race.descent import Descent, descend
from mvtheory.race.late import THRESHOLD, memory_time, needed_growth, typical_largest
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
    margin : float
        How far from it the coverage is at most if all are met: a fifth of what a second network
        adds, (1 - 1/M)/(5M); 1/20 for one view, where it adds nothing.
    coverage : float
        Coverage that the growth law gives at this setting, whether or not they are met.
    standard_error : float
        Of `coverage`, from the classes drawn.
    """

    setting: Setting
    conditions: tuple[Condition, ...]
    asymptotic: float
    margin: float
    coverage: float
    standard_error: float

    @property
    def one_view(self) -> bool:
        """Whether every hypothesis is met; coverage is then within `margin` of 1/M."""
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

    Nothing is fitted: coverage and conditions come from `draws` random classes that are followed
    through the training (`descend`), and from closed forms of the same law.

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
    not where a theorem ends. Coverage and corrections are known to about 1/sqrt(`draws`).

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
    views = setting.views
    margin = (1 - 1 / views) / (5 * views) if views > 1 else 0.05
    return Regime(
        setting=setting,
        conditions=_conditions(setting, followed, margin),
        asymptotic=1 / views,
        margin=margin,
        coverage=followed.coverage,
        standard_error=followed.standard_error,
    )


def _conditions(setting: Setting, followed: Descent, margin: float) -> tuple[Condition, ...]:
    views, samples = setting.views, setting.samples
    strengths = followed.strengths[-1]
    learned, memorised = strengths >= THRESHOLD, followed.memorised >= 0.5
    count = learned.sum(axis=1)
    recognised = (followed.recognised - 1 / setting.classes) / (1 - 1 / setting.classes)

    further = float((count - 1).clip(0).mean()) / views
    late, never = (
        float(((count == 0) & memory).mean()) / views for memory in (~memorised, memorised)
    )
    vain = float(((1 - recognised) * learned).sum(axis=1).mean()) / views
    known = float((recognised * ~learned).sum(axis=1).mean()) / views
    # Where one is large it is named by its own condition.
    small = [c for c in (further, -late, -never, -vain, known) if abs(c) <= margin]

    p, multi = setting.presence, samples * (1 - setting.single_view_fraction)
    alone = setting.single_view_samples + multi * p * (1 - p) ** (views - 1)
    seen = (views > 1) * alone / samples * min(setting.time, memory_time(setting))
    return (
        Condition(
            name="views compete", value=1 / (setting.power - 1), limit=0.999,
            words="1/(q-1): at q = 2 growth is exponential and initial ratios are kept",
        ),
        Condition(
            name="races are decided", value=further, limit=margin,
            words="coverage by further views that are learned, against a fifth of what a second "
            "network adds; a smaller initial deviation makes ties rarer",
        ),
        Condition(
            name="trained long enough", value=late, limit=margin,
            words="coverage that classes lack in which nothing is learned or memorised, against "
            "the same; train for longer",
        ),
        Condition(
            name="features before noise", value=never, limit=margin,
            words="coverage that classes lack in which samples are memorised in place of views, "
            "against the same; less background noise or more samples help",
        ),
        Condition(
            name="no view is seen alone", value=seen, limit=needed_growth(setting),
            words="drive of the samples that show one view alone, until they are memorised, "
            "against what a losing view needs",
        ),
        Condition(
            name="views are orthogonal",
            value=setting.cosine * float(strengths.max(axis=1).mean()) * (views > 1),
            limit=setting.deviation * typical_largest(setting.neurons),
            words="what a winner's growth adds to the responses to other views, against these at "
            "initialisation",
        ),
        Condition(
            name="what is learned is recognised", value=vain, limit=margin,
            words="coverage by views that are learned and not recognised, against a fifth of what "
            "a second network adds; more dimensions of noise keep memory quiet",
        ),
        Condition(
            name="what is left out stays unknown", value=abs(known), limit=margin,
            words="coverage by views that are recognised without being learned, against the same; "
            "noise in the background hides them",
        ),
        Condition(
            name="what is left is small", value=abs(sum(small)), limit=margin,
            words="what those of these corrections add up to that are small each, against the same",
        ),
    )  # fmt: skip
