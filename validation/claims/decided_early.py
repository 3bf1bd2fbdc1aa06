"""Claim: strengths follow the growth law, and the race is decided while outputs are small."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import Setting, escape_time, upset_probability
from mvtheory.references import Source
from validation.experiments.lottery.setting import LotterySetting, check, require, settings
from validation.experiments.reduced import followed, race_setting
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong, wrong_by

LEADER, LOSER, LEAD = "leader on its way", "loser on its way", "leader is the winner"
SHARES = (0.25, 0.5, 0.75)
"""Of the leader's escape time, at which strengths are compared."""
EARLY = (0.005, 0.015)
"""Of the time of training, at which the leader is named."""
MARGIN = 0.05
DRAWS = 200
"""Classes followed: their means on the way have standard errors of 0.0012, as eight seeds show."""

Floats = NDArray[np.float64]
Law = Callable[[float, float], float]
"""(share of the escape time, q) to the share of the way that a view has gone."""


def growth_law(elapsed: float, power: float) -> float:
    """1 - (Lambda(t)/Lambda(0))^-(q-2) is the elapsed share of the escape time, whatever q."""
    return elapsed


def progress(strengths: Floats, times: Floats, setting: Setting) -> tuple[Floats, Floats]:
    """How far leaders and losers have come, at `SHARES` of the leader's own escape time.

    `strengths` has shape (times, races, views). By the law 1 - (Lambda(t)/Lambda(0))^-(q-2) rises
    by (q-2) S Lambda(0)^(q-2) dt: for the leader by the share of its escape time that has gone,
    for a loser by rho times that, rho the ratio of the two escape times. Between the steps that
    are stored it is interpolated. Left out, by initial strengths alone, are races whose last share
    comes after the last step and those of fewer than two views. Losers' rises are added up, and
    divided by the sum of rho.
    """
    exponent = setting.power - 2
    ordered = np.argsort(strengths[0], axis=-1)
    every = np.arange(len(ordered))
    leader, loser = (strengths[:, every, ordered[:, place]] for place in (-1, -2))
    raced = np.flatnonzero(loser[0] > 0)
    ending = np.asarray(
        escape_time(strength=leader[0, raced], drive=setting.drive(), power=setting.power)
    )
    in_time = ending * SHARES[-1] <= times[-1]
    alive, ending = raced[in_time], ending[in_time]
    if not alive.size:
        return np.zeros(len(SHARES)), np.zeros(len(SHARES))
    rho = (loser[0, alive] / leader[0, alive]) ** exponent
    moments = ending[:, None] * SHARES
    after = np.searchsorted(times, moments).clip(1, len(times) - 1)
    part = (moments - times[after - 1]) / (times[after] - times[after - 1])
    rises = []
    races = alive[:, None]
    for path in (leader, loser):
        start, end = (
            1 - (path[place, races] / path[0, races]) ** -exponent for place in (after - 1, after)
        )
        rises.append(start + part * (end - start))
    return rises[0].mean(axis=0), rises[1].sum(axis=0) / rho.sum()


def early_steps(setting: LotterySetting) -> tuple[int, ...]:
    """The first watched step after each share of `EARLY`."""
    watched, times = _watched(setting), _times(setting)
    wanted = np.minimum(np.array(EARLY) * setting.schedule.time, times[-1])
    return tuple(watched[index] for index in np.searchsorted(times, wanted))


def _watched(setting: LotterySetting) -> tuple[int, ...]:
    return tuple(step for step in setting.watched if step <= setting.steps)


def _times(setting: LotterySetting) -> Floats:
    rates = [setting.schedule.lasts(step) for step in range(setting.steps)]
    passed = np.concatenate([[0.0], np.cumsum(rates)])
    return passed[list(_watched(setting))]


def expect(setting: LotterySetting, law: Law = growth_law) -> list[Expectation]:
    """By the growth law; another law in its place serves the calibration."""
    races = race_setting(setting)
    watched = _watched(setting)
    drawn = followed(races, tuple(step for step in watched if step < setting.steps), DRAWS)
    paths = progress(drawn.strengths[: len(watched)], _times(setting), races)
    rounds = setting.networks * races.classes
    # S_l of a class is the mean of z^q over its own samples, which all networks share; what noise
    # adds to a strength is each network's own.
    mean = races.mean_power(races.power)
    of_drive = math.sqrt((races.mean_power(2 * races.power) / mean**2 - 1) / races.samples)
    relative = math.hypot(
        of_drive / math.sqrt(races.classes),
        (races.power - 2) * setting.race_spread() / math.sqrt(rounds),
    )
    expectations = []
    for panel, path in zip((LEADER, LOSER), paths, strict=True):
        for share, at_finite in zip(SHARES, path, strict=True):
            predicted = law(share, races.power)
            # What discrete steps and the fading gradient change, by the law itself.
            finite = float(predicted + at_finite - share)
            expectations.append(
                Expectation.around(
                    panel, setting.label, share, predicted, MARGIN, share * relative,
                    finite_size=finite,
                )
            )  # fmt: skip
    # A view that is shown more strongly in these very samples catches up.
    unequal = math.hypot(setting.race_spread(), of_drive / (races.power - 2))
    upset = upset_probability(races.views, races.neurons, unequal)
    tied = races.views * setting.finite_size_coverage() - 1
    finite = 1 - upset - tied / 2
    for share in EARLY:
        expectations.append(
            Expectation(
                LEAD, setting.label, share, 1.0, finite - MARGIN, None,
                math.sqrt(max(finite * (1 - finite), 0) / rounds), rounds, finite,
            )
        )  # fmt: skip
    return expectations


def observe(measured: Measured) -> list[Sample]:
    setting = measured.setting
    races, times, watched = race_setting(setting), _times(setting), _watched(setting)
    strengths = _ordered(measured, "race", "replicate", "step", "network")
    final = _ordered(measured, "networks", "replicate", "network")
    # By replicate, step and race: every network races in every class.
    strengths = strengths.reshape(measured.replicates, len(watched), -1, races.views)
    winners = final.reshape(measured.replicates, 1, -1, races.views).argmax(axis=-1)
    leaders, losers = zip(*(progress(own, times, races) for own in strengths), strict=True)
    early = strengths[:, [watched.index(step) for step in early_steps(setting)]]
    called = (early.argmax(axis=-1) == winners).mean(axis=-1)
    rounds = setting.networks * races.classes * measured.replicates
    paths = np.concatenate([np.array(leaders), np.array(losers)], axis=1)
    return [Sample.of(values) for values in paths.T] + [
        Sample.of(values, rounds) for values in called.T
    ]


def _ordered(measured: Measured, table: str, *by: str) -> Floats:
    """Strengths of a table's rows, in the order of some columns; a race's at watched steps."""
    strengths, *columns = measured.numbers(table, "strength", *by)
    order = np.lexsort(columns[::-1])
    if "step" in by:
        steps = columns[by.index("step")]
        order = order[np.isin(steps[order], _watched(measured.setting))]
    return strengths[order]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        own = [c for c in comparisons if c.expectation.series == setting.label]
        worst = max(
            (c for c in own if c.expectation.panel != LEAD), key=lambda c: abs(c.difference)
        )
        first = next(c for c in own if c.expectation.panel == LEAD)
        lines.append(
            f"{setting.label}: of the races, {first.observed:.3f} are won by the view that leads "
            f"after {early_steps(setting)[0]} of {setting.steps} steps. The largest difference "
            f"from the law on the way is {worst.difference:+.3f} (by finite steps and fading "
            f"gradients {worst.expectation.expected - worst.expectation.predicted:+.3f}), "
            f"{worst.expectation.panel}, at {worst.expectation.x:g} of the escape time."
        )
    return lines


_wrong = wrong_by(expect)


DECIDED_EARLY = Claim(
    name="decided-early",
    place=(3, 5),
    title="The race between views is decided early, by the growth law",
    statement=(
        "From its own initial strength each view follows dLambda/dt = S Lambda^(q-1) with "
        "S = (1 - mu)(1 - 1/K) E[z^q] and the time counted in the rates of gradient descent: "
        "1 - (Lambda(t)/Lambda(0))^-(q-2) grows in proportion to the time, reaches 1 for the "
        "leader at its escape time and for a loser stays behind by the ratio of the escape times. "
        "So the view that leads in the first steps wins."
    ),
    sources=(Source("allenzhu2023", "Appendix D"),),
    formulas=("escape_time", "strength_before_escape", "loser_strength"),
    assumptions=(
        "those of the claim single-view",
        "views shown equally strongly; S is that of the distribution, not of the sample",
        "small steps: gradient descent follows gradient flow while the race is on",
    ),
    margin=(
        "The range runs from the law to the law followed in the very steps of gradient descent, "
        "with the gradient that fades as a class is fitted, widened by 5 % of the way on both "
        "sides, left to noise in the patches and to the coupling of classes. The winner must be "
        "named up to 5 % of the races beyond the upsets, by the noise in the patches and by the "
        "mean of z^q over the samples at hand, and half of the classes in which two views are "
        "learned: which of them ends stronger is open."
    ),
    change=(
        "Large steps, a large initialisation (strengths saturate before they race), noise in the "
        "views' patches, or few samples of a class, whose S_l then differ."
    ),
    does_not_show=(
        "that what leads early must win: leader and winner are compared, and nothing is changed "
        "in between",
        "the law for views of unequal strength or for mini-batches",
        "the law after the escape, when classes are fitted",
    ),
    panels={
        LEADER: ("time (share of the leader's escape time)",
                 "way gone, 1 - (Lambda/Lambda(0))^-(q-2)"),
        LOSER: ("time (share of the leader's escape time)",
                "way gone, over the ratio of escape times"),
        LEAD: ("time (share of the whole training)", "share of races that the leader wins"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("power q - 1 in place of q", lambda t, q: 1 - (1 - t) ** ((q - 2) / (q - 3))),
        _wrong("power q + 1 in place of q", lambda t, q: 1 - (1 - t) ** ((q - 2) / (q - 1))),
        _wrong("exponential growth", lambda t, q: 1 - math.exp(-(q - 2) * t)),
        _wrong("a drive smaller by the factor q", lambda t, q: t / q),
        _wrong("twice the drive", lambda t, q: min(1.0, 2 * t)),
        Wrong(
            "a view drawn at random wins",
            truth=lambda e, views: 1 / views if e.panel == LEAD else e.expected,
        ),
    ),
    remarks=remarks,
)  # fmt: skip
