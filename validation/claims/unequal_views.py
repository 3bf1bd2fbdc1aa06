"""Claim: a view shown more strongly wins more often, with odds that the initial weights give."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mvtheory import coverage as theory
from mvtheory.race import win_probabilities
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, guess_spread, require
from validation.experiments.lottery.small import small_lottery
from validation.experiments.reduced import followed, race_setting
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

ODDS, ENSEMBLE = "odds of winning", "ensemble coverage"
MARGIN = 0.05
SIZES = (1, 2, 3, 5)
DRAWS = 400
"""Classes followed: what they add has a standard error of 0.003 for shares of races, and of 0.02
for what is known, as eight seeds show."""
REGIMES = {3: (0.001, 2.4, 1.25), 4: (0.015, 2.1, 1.0)}
"""By power: initial deviation, background noise, length of training. At a lower power races are
tied unless the initialisation is smaller, and noise is then memorised later."""
Floats = NDArray[np.float64]
Law = Callable[[Floats, LotterySetting], Floats]
"""Shares of the views, which need not be normalised, from their strengths S_l and the setting."""


def drives(setting: LotterySetting) -> Floats:
    """S_l of each view: the mean q-th power of its coefficient in multi-view samples."""
    scales = np.asarray(setting.data.scales, dtype=float)
    return np.asarray(scales**setting.power * setting.data.mean_power(setting.power))


def integral(strengths: Floats, setting: LotterySetting) -> Floats:
    return win_probabilities(strengths, setting.power, setting.neurons)


def settings(preset: str) -> tuple[LotterySetting, ...]:
    """Powers and scales: by the integral odds near 3:1, 5:3:2 and 3:2."""
    three, four, even = (3, (1.0, 0.843)), (4, (1.0, 0.92, 0.84)), (4, (1.0, 0.91))
    every: dict[str, list[tuple[int, tuple[float, ...]]]]
    every = {"smoke": [three], "quick": [three, four], "standard": [three, four, even]}
    networks = {"smoke": 10, "quick": 40, "standard": 40, "full": 100}[preset]
    chosen = every.get(preset, every["standard"])
    return tuple(_setting(preset, power, scales, networks) for power, scales in chosen)


def _setting(preset: str, power: int, scales: tuple[float, ...], networks: int) -> LotterySetting:
    deviation, noise, length = REGIMES[power]
    setting = small_lottery(
        preset,
        f"{' : '.join(f'{scale:g}' for scale in scales)} at q = {power}",
        len(scales),
        networks,
        # A narrow range: S_l of the few samples of a class is then close to its mean.
        {"scales": scales, "strength": (1.65, 1.85), "background_noise": noise},
        # The weakest view is known to few.
        8 * len(scales),
        power=power,
        deviation=deviation,
        sizes=SIZES,
    )
    return setting.shortened(round(length * setting.steps))


def expect(setting: LotterySetting, law: Law = integral) -> list[Expectation]:
    """The share of races that each view wins, then the coverage of ensembles that follows."""
    strengths, data = drives(setting), setting.data
    shares, right = (_normalised(rule(strengths, setting)) for rule in (law, integral))
    scaled = (strengths / strengths.max()) ** (1 / (setting.power - 2))
    more_won, more_known = finite_size(setting)
    known = np.clip(right + more_known, 0.0, 1.0)
    races = setting.networks * data.classes
    expectations = []
    for scale, share, shift in zip(scaled, shares.tolist(), more_won, strict=True):
        finite = share + float(shift)
        spread = math.hypot(math.sqrt(share * (1 - share) / races), _of_samples(setting, share))
        expectations.append(
            Expectation.around(
                ODDS, setting.label, round(float(scale), 3), share, MARGIN, spread,
                finite_size=finite,
            )
        )  # fmt: skip
    margin, guesses = setting.margin(), guess_spread(setting)
    for size in setting.sizes:
        predicted = float(theory.ensemble_unequal(probabilities=shares, networks=size))
        finite = predicted + float(np.mean((1 - right) ** size - (1 - known) ** size))
        spread = math.hypot(
            setting.coverage_spread(size),
            _lottery_spread(setting, shares, size),
            guesses * math.sqrt(1 - predicted),
        )
        expectations.append(
            Expectation.around(
                ENSEMBLE, setting.label, size, predicted, margin, spread, finite_size=finite,
                most=1.0,
            )
        )  # fmt: skip
    return expectations


def _normalised(shares: Floats) -> Floats:
    """Classes whose responses are all negative learn nothing, and run no race."""
    return np.asarray(shares / shares.sum())


def finite_size(setting: LotterySetting) -> tuple[Floats, Floats]:
    """What the growth law adds to the share of races that each view wins by the integral, and to
    that of networks which know it.

    Followed through training it counts the races that are tied, in which two views are learned. The
    view that leads these very races at their start is taken off: of the draws, only those that end
    otherwise count.
    """
    scales = np.array(setting.data.scales)
    races = replace(race_setting(setting), scales=setting.data.scales)
    descent = followed(races, (0,), DRAWS)
    start, end = descent.strengths
    ahead = start * scales ** (setting.power / (setting.power - 2))
    leads, wins = (
        np.eye(len(scales))[strengths.argmax(axis=1)].mean(axis=0) for strengths in (ahead, end)
    )
    chance = 1 / setting.data.classes
    known = (descent.recognised.mean(axis=0) - chance) / (1 - chance)
    return wins - leads, known - leads


def _of_samples(setting: LotterySetting, share: float) -> float:
    """Deviation of a share because all networks of a replicate have the same few samples.

    S_l is a mean over n samples; odds change with the logarithm of s_l at a rate of at most
    about 2 log(m) share (1 - share), that of the large-m form.
    """
    data, power = setting.data, setting.power
    samples = setting.training_samples / data.classes
    relative = math.sqrt(data.mean_power(2 * power) / data.mean_power(power) ** 2 - 1)
    relative *= math.sqrt(2 / samples) / (power - 2)
    rate = 2 * math.log(setting.neurons) * share * (1 - share)
    return rate * relative / math.sqrt(data.classes)


def _lottery_spread(setting: LotterySetting, shares: Floats, size: int) -> float:
    """What unequal odds add to the deviation of an ensemble's coverage.

    Equal views leave a U-statistic of degenerate first order, `coverage_spread`; here a network
    that has learned view k changes the share missed by (1 - P_k)^(N-1) / M. The samples' own odds
    shift that mean as well.
    """
    missed = (1 - shares) ** (size - 1) / len(shares)
    mean = shares @ missed
    first_order = size**2 / setting.networks * (shares @ (missed - mean) ** 2)
    by_samples = size * float(np.ptp(missed)) * _of_samples(setting, float(shares.max()))
    return math.hypot(math.sqrt(first_order / setting.data.classes), by_samples)


def observe(measured: Measured) -> list[Sample]:
    networks, ensembles = measured.tables["networks"], measured.tables["ensembles"]
    views = measured.setting.data.views
    won = [
        np.bincount(np.array(rows["learned_winner"].tolist(), dtype=int).ravel(), minlength=views)
        for _, rows in networks.groupby("replicate", sort=True)
    ]
    shares = np.array(won) / np.sum(won, axis=1, keepdims=True)
    coverage = ensembles.pivot(index="replicate", columns="size", values="coverage").clip(0, 1)
    return [Sample.of(share) for share in shares.T] + [
        Sample.of(coverage[size].to_numpy()) for size in measured.setting.sizes
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        own = [
            c
            for c in comparisons
            if c.expectation.series == setting.label and c.expectation.panel == ODDS
        ]
        seen = " : ".join(f"{c.observed:.3f}" for c in own)
        said = " : ".join(f"{c.expectation.predicted:.3f}" for c in own)
        rough = large(drives(setting), setting)
        called = study.by_replicate("networks", "winner_right").mean()
        lines.append(
            f"{setting.label}: odds {seen} (standard error of the first "
            f"{own[0].standard_error:.3f}), by the integral {said}, by its form for many neurons "
            f"{' : '.join(f'{x:.3f}' for x in rough / rough.sum())}. The weights before training "
            f"call {called:.1%} of the races."
        )
    return lines


def large(strengths: Floats, setting: LotterySetting) -> Floats:
    """s_l^(2 log m): what the integral tends to for many neurons."""
    exponent = 2 * math.log(setting.neurons) / (setting.power - 2)
    return np.asarray((strengths / strengths.max()) ** exponent)


_wrong = wrong_by(expect)


UNEQUAL_VIEWS = Claim(
    name="unequal-views",
    place=(3, 2),
    title="Views shown more strongly win more often, with the odds of the integral",
    statement=(
        "View l wins with probability P_l = int d/dx[Phi(x/s_l)^m] prod_(j != l) Phi(x/s_j)^m dx, "
        "s_l = S_l^(1/(q-2)), S_l the mean q-th power of its coefficient. One network still knows "
        "one view of a class, coverage 1/M, whatever the odds; N of them know 1 - (1/M) sum_l "
        "(1 - P_l)^N."
    ),
    sources=(
        Credit(
            "{}, for who wins; the integral and its ensembles: ours",
            Source("allenzhu2023", "Appendix D"),
        ),
    ),
    formulas=("ensemble_unequal",),
    assumptions=(
        "those of the claims single-view and winner",
        "views that differ in strength only, by the same factors in every class",
    ),
    margin=(
        "Five hundredths of the races on either side of the integral and of the growth law at "
        "this initialisation, which counts near-ties: odds of 3 to 1 are told from 2 to 1 and 4 "
        "to 1. For the coverage of ensembles the margin of the claim ensemble-coverage, a fifth of "
        "what a second network would add if views were equal."
    ),
    change=(
        "A power near 2 or a large initialisation, where no view wins for good; few samples, whose "
        "own S_l is not the mean; views that differ in the noise that comes with them."
    ),
    does_not_show=(
        "odds of views that differ in anything but strength, such as noise, or how often they "
        "appear",
        "odds more extreme than those trained, about 3 to 1",
        "other laws with the same odds at these few strengths",
    ),
    panels={
        ODDS: ("s_l of the view, relative to the strongest", "share of races won"),
        ENSEMBLE: ("number of networks N", "coverage C (share of pairs)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("equal odds", lambda s, setting: np.ones_like(s)),
        _wrong("odds in the opposite order", lambda s, setting: integral(s, setting)[::-1]),
        _wrong("odds proportional to s_l", lambda s, setting: s ** (1 / (setting.power - 2))),
        _wrong("the form for many neurons, s_l^(2 log m)", large),
        _wrong(
            "exponent q - 2 in place of 1/(q - 2)",
            lambda s, setting: win_probabilities(
                s ** ((setting.power - 2) ** 2), setting.power, setting.neurons
            ),
        ),
        _wrong(
            "one neuron in place of m", lambda s, setting: win_probabilities(s, setting.power, 1)
        ),
        _wrong("the strongest view always wins", lambda s, setting: (s == s.max()).astype(float)),
    ),
    remarks=remarks,
)
