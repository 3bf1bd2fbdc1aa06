"""Claim: views must be orthogonal for one to be learned; a small cosine teaches the others."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from mvtheory.race import Descent, critical_cosine
from mvtheory.references import Credit, Source
from validation.experiments.lottery import setting as lottery
from validation.experiments.lottery.setting import LotterySetting
from validation.experiments.lottery.small import small_lottery
from validation.experiments.reduced import followed, race_setting
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

ORTHOGONAL, CORRELATED = "orthogonal views", "correlated views"
DRAWS = 200
"""Classes drawn for a prediction: its standard error is below 0.013, an eighth of the margin."""

Law = Callable[[LotterySetting], float]


def law(setting: LotterySetting) -> Descent:
    """The growth law of one class whose views have this cosine, followed through training."""
    return followed(replace(race_setting(setting), cosine=setting.data.cosine), draws=DRAWS)


def coverage(setting: LotterySetting) -> float:
    return min(law(setting).coverage, 1.0)


def settings(preset: str) -> tuple[LotterySetting, ...]:
    cosines: dict[int, tuple[float, ...]] = {2: (0.0, 0.005, 0.01, 0.02, 0.05, 0.2, 0.6)}
    if preset == "smoke":
        cosines = {2: (0.0, 0.3)}
    elif preset != "quick":
        cosines |= {3: (0.0, 0.01)}
    return tuple(
        _setting(preset, views, cosine) for views, chosen in cosines.items() for cosine in chosen
    )


def _setting(preset: str, views: int, cosine: float) -> LotterySetting:
    setting = small_lottery(
        preset,
        f"cosine {cosine:g}",
        views,
        {"smoke": 2, "quick": 14}.get(preset, 20),
        {"cosine": cosine, "feature_noise": 0.0},
        sizes=(1,),
    )
    # Where no noise in the patches of features adds to it, memory takes a little longer.
    return setting.shortened(round(1.25 * setting.steps))


def expect(setting: LotterySetting, coverage: Law = coverage) -> list[Expectation]:
    """Coverage of one network; another law in place of the theory's serves the calibration."""
    data, known = setting.data, law(setting)
    margin = (1 - 1 / data.views) / 5
    # Of classes asked one question; of several, they differ less.
    spread = known.deviation / math.sqrt(setting.networks * data.classes)
    size = f"M = {data.views}, K = {data.classes}"
    place = CORRELATED if data.cosine else ORTHOGONAL, size, data.cosine or size
    return [Expectation.around(*place, coverage(setting), margin, spread, most=1.0)]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage").clip(0, 1))]


def require(setting: LotterySetting) -> list[Expectation]:
    """The lottery's training accuracy; the overlap of views is what varies here."""
    accuracy, _ = lottery.require(setting)
    return [accuracy]


def check(measured: Measured) -> list[Sample]:
    accuracy, _ = lottery.check(measured)
    return [accuracy]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for name in dict.fromkeys(c.expectation.series for c in comparisons):
        own = [c for c in comparisons if c.expectation.series == name]
        setting = next(m.setting for m in measured if m.setting.label.endswith(name))
        worst = max(own, key=lambda c: abs(c.difference))
        critical = critical_cosine(race_setting(setting))
        seen = ", ".join(
            f"{c.observed:.3f} at {c.expectation.x if c.expectation.panel == CORRELATED else 0}"
            for c in own
        )
        error = "" if worst.standard_error is None else f" ± {worst.standard_error:.3f}"
        lines.append(
            f"{name}: coverage {seen}; at most {worst.difference:+.3f}{error} from the growth law. "
            f"What the winner lends suffices from a cosine of about {critical:.3f} "
            "on, by the closed form."
        )
    return lines


def _wrong(words: str, formula: Callable[[int, float], float]) -> Wrong:
    return Wrong(
        words, lambda setting: expect(setting, lambda s: formula(s.data.views, s.data.cosine))
    )


CORRELATED_VIEWS = Claim(
    name="correlated-views",
    place=(3, 4),
    title="A small cosine between the views of a class ends the lottery",
    statement=(
        "A network covers 1/M of the views only if the views of a class are orthogonal. Where "
        "they have a cosine c, the winner lends the other views c times its strength, which "
        "shortens their own race: coverage rises from 1/M to 1 around a cosine of a "
        "hundredth or so, where c a passes ((q-2) G)^(-1/(q-2)), as the growth law of the class "
        "says."
    ),
    sources=(
        Credit(
            "{}, for orthogonality as a hypothesis; the law of what becomes of the coverage "
            "without it: ours",
            Source("allenzhu2023", "Section 3"),
        ),
    ),
    formulas=("single_network",),
    assumptions=(
        "those of the claim single-view, except that views are orthogonal",
        "the same cosine between any two views of a class; classes orthogonal to each other",
        "no noise in the patches of views, which the growth law leaves out",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of what the growth law of "
        "one class gives, with every number taken from the setting."
    ),
    change=(
        "Noise in the patches of views: at 0.07 of the norm of a view it takes up to a tenth off "
        "the coverage on its rise. Stronger winners, or more growth after they have won (longer "
        "training, memory that comes later), make the critical cosine smaller."
    ),
    does_not_show=(
        "that a cosine between classes, or between views and noise, does the same: only views of "
        "one class are tilted, all by the same cosine",
        "a critical cosine for other lengths of training or activations: it follows from the "
        "growth after the win, which is not varied",
        "that cosines of real features are so small or so large",
    ),
    panels={
        ORTHOGONAL: ("setting (M views, K classes)", "coverage C of one network"),
        CORRELATED: ("cosine between the views of a class", "coverage C of one network"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("overlap does not matter: 1/M", lambda m, c: 1 / m),
        _wrong("in proportion to the cosine", lambda m, c: 1 / m + (1 - 1 / m) * c),
        _wrong("in proportion to its square", lambda m, c: 1 / m + (1 - 1 / m) * c**2),
        _wrong(
            "in proportion to the angle",
            lambda m, c: 1 / m + (1 - 1 / m) * (1 - math.acos(c) / (math.pi / 2)),
        ),
        _wrong("from a cosine of 1/2 on", lambda m, c: 1.0 if c > 0.5 else 1 / m),
        _wrong("everything is covered", lambda m, c: 1.0),
        Wrong(
            "the cosine squared in place of the cosine",
            lambda setting: expect(
                setting,
                lambda s: coverage(replace(s, data=replace(s.data, cosine=s.data.cosine**2))),
            ),
        ),
    ),
    remarks=remarks,
)
