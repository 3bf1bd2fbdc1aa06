"""Claim: the view that loses stays near its start, in all but a few classes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import single_winner_probability, unlearned_growth, unlearned_strength
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, require
from validation.experiments.lottery.small import small_steps
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

ONE, GROWTH, TOTAL = "one view learned", "growth of a losing view", "strength of a losing view"
MARGIN = 0.1
"""Of the logarithm of a losing view's growth: a tenth of its strength."""
SMALL = 1e-9
"""Initial deviation at which the laws stand at their limits."""
MOST = 1.0
"""Total strength of a losing view, in units of m sigma_0."""
LEARNED = 1.0
"""Strength beyond which a view is learned: the threshold of the ReLU."""
PROOF = Source("allenzhu2023", "Theorem 1 and its proof")
Start = tuple[int, int, float, float, float]
"""Views, neurons, power, initial deviation, late growth."""


@dataclass(frozen=True)
class Law:
    """What becomes of a class, by its start: the growth law, or another one in its place."""

    one: Callable[..., float] = single_winner_probability
    growth: Callable[..., float] = unlearned_growth
    total: Callable[..., float] = unlearned_strength


RIGHT = Law()


def expect(setting: LotterySetting, law: Law = RIGHT) -> list[Expectation]:
    """Predictions; another law in the place of the growth law serves the calibration."""
    views, neurons, power = setting.data.views, setting.neurons, setting.power
    here: Start = (views, neurons, power, setting.deviation, setting.late_growth())
    limit: Start = (views, neurons, power, SMALL, 0.0)
    races = setting.networks * setting.data.classes
    losers = math.sqrt(races * (views - 1))
    one, growth, total = law.one(*here), law.growth(*here), law.total(*here)
    return [
        Expectation.around(
            ONE, "one network", setting.label, law.one(*limit), views * setting.margin(),
            math.sqrt(max(one * (1 - one), 1 / races) / races), races, one, most=1.0,
        ),
        Expectation.around(
            GROWTH, "one network", setting.label, law.growth(*limit), MARGIN,
            # Close rivals are few, and grow much: about as in an exponential law.
            growth / losers, finite_size=growth,
        ),
        Expectation(
            TOTAL, "one network", setting.label, total, None, max(MOST, total),
            total / math.sqrt(neurons) / losers,
        ),
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    setting = measured.setting
    before, after, total, replicates = measured.numbers(
        "networks", "initial_strength", "strength", "total_strength", "replicate"
    )
    learned = after > LEARNED
    losing = ~learned & learned.any(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.log(after / before)
    raced = losing & (before > 0) & (after > 0)
    in_units = total / (setting.neurons * setting.deviation)
    of_each = [replicates == own for own in np.unique(replicates)]
    races = setting.networks * setting.data.classes
    return [
        Sample.of(
            [(learned[own].sum(axis=-1) == 1).mean() for own in of_each],
            races * measured.replicates,
        ),
        Sample.of([_mean(grown[own], raced[own]) for own in of_each]),
        Sample.of([_mean(in_units[own], losing[own]) for own in of_each]),
    ]


def _mean(values: NDArray[np.float64], of: NDArray[np.bool_]) -> float:
    """Over these views; 0 where none of a replicate has lost."""
    return float(values[of].mean()) if of.any() else 0.0


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        (after,) = study.numbers("networks", "strength")
        learned = after > LEARNED
        counts = np.bincount(learned.sum(axis=-1).ravel(), minlength=study.setting.data.views + 1)
        shares = ", ".join(f"{n}: {share:.3f}" for n, share in enumerate(counts / counts.sum()))
        losers = after[~learned & learned.any(axis=-1, keepdims=True)]
        largest = losers.max() / study.setting.deviation if losers.size else 0.0
        lines.append(
            f"{study.setting.label}: classes by the number of their learned views {shares}. The "
            f"strongest losing view of all stands at {largest:.0f} initial deviations, the median "
            f"winner at {np.median(after[learned]) / study.setting.deviation:.0f}."
            if learned.any()
            else f"{study.setting.label}: no view is learned yet."
        )
    return lines


def _wrong(words: str, **laws: Callable[..., float]) -> Wrong:
    law = Law(**laws)
    return Wrong(words, lambda setting: expect(setting, law))


def one_power_less(views: int, neurons: int, power: float, *more: float) -> float:
    return unlearned_growth(views, neurons, power - 1, *more)


LOSING_VIEW = Claim(
    name="losing-view",
    place=(1, 6),
    title="The view that loses stays near its start, in all but a few classes",
    statement=(
        "In all but a share o(1) of the classes a network learns exactly one view. Of the others "
        "the strongest neuron grows by a factor that depends on M, m and q alone, however small "
        "the initial deviation sigma_0 is and however large the winner gets, and all m neurons "
        "together stay below m sigma_0."
    ),
    sources=(Credit("{}; the factor, the share and the unit of the bound: ours", PROOF),),
    formulas=(),
    assumptions=("those of the claim single-view",),
    margin=(
        "The share runs from its limit, in which only classes without any positive response learn "
        "nothing, to what the growth law gives at this initialisation, widened on both sides by M "
        "times the margin of the coverage, (1 - 1/M)/5. The factor's logarithm likewise, widened "
        "by a tenth. The source's bound on a losing view's total strength, O~(m sigma_0), has an "
        "unknown power of logarithms: here it is m sigma_0 itself, two and a half times the start."
    ),
    change=(
        "A power q near 2 (everything keeps growing), a larger initialisation, or more "
        "single-view samples, which teach the losing view."
    ),
    does_not_show=(
        "the source's O~(m sigma_0), whose logarithms are not known: m sigma_0 itself is judged",
        "that a losing view stays small for ever: networks are looked at after one length of "
        "training",
        "losing views under other losses, or at powers near 2 (claims squared-error, phase- "
        "diagram)",
    ),
    panels={
        ONE: ("setting (M views, K classes)", "classes with one learned view (share)"),
        GROWTH: ("setting (M views, K classes)", "log of the growth of a losing view"),
        TOTAL: ("setting (M views, K classes)", "strength of a losing view over m sigma_0"),
    },
    settings=small_steps,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("half of the classes have a winner", one=lambda *start: 0.5),
        _wrong("every class learns all views", one=lambda *start: 0.0),
        _wrong("a losing view does not grow at all", growth=lambda *start: 0.0),
        _wrong("q - 1 in place of q", growth=one_power_less),
        _wrong("a losing view doubles", growth=lambda *start: math.log(2)),
    ),
    remarks=remarks,
)
