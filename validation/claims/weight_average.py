"""Claim: an average of weights knows what an ensemble knows, and is sure of little of it."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from mvtheory import coverage as theory
from mvtheory.race import final_strength
from mvtheory.race.recognition import smoothed_relu
from mvtheory.references import Credit, Source
from validation.experiments.methods.setting import MethodSetting, check, plain_data, require
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

KNOWN, SURE, OUTPUT = "largest output", "sure of the view", "output over the ensemble's"
ENSEMBLE, WEIGHTS, ALIGNED = "outputs", "weights", "aligned weights"
SERIES = {KNOWN: (WEIGHTS, ALIGNED), SURE: (ENSEMBLE, WEIGHTS, ALIGNED), OUTPUT: (WEIGHTS, ALIGNED)}
"""What is averaged, by panel."""
SIZES = (2, 4, 8)
SCHEDULE = Schedule(400, 2.0, 200, 6.0)
"""Small steps at first: by large ones a view would pass the threshold beyond its final strength."""
MARGIN = 0.1
"""Of the ratio of outputs, a tenth of its whole range."""
WAYS = 2000
"""Ways of sharing out that are drawn for the spread of a replicate."""
Law = Callable[[MethodSetting, str, str, int], float]


def settings(preset: str) -> tuple[MethodSetting, ...]:
    """Views, neurons and initial deviations; many neurons start the smaller, see `change`."""
    three = ((2, 6, 0.02), (3, 6, 0.02), (3, 24, 0.01))
    networks, chosen = {
        "smoke": (8, ((2, 3, 0.03),)), "quick": (24, three[1:2]), "standard": (24, three),
        "full": (48, three),
    }[preset]  # fmt: skip
    return tuple(
        MethodSetting(
            name=f"m = {neurons}", data=plain_data(3, views), training_samples=90,
            networks=networks, neurons=neurons, deviation=deviation, schedule=SCHEDULE,
            sizes=SIZES, repeats=8, test_samples=60, averaged=True,
        )
        for views, neurons, deviation in chosen
    )  # fmt: skip


def response(setting: MethodSetting) -> float:
    """Of a network that knows the view that is shown, at z = 1: its final strength."""
    data = setting.data
    mean, square = data.mean_power(1), data.mean_power(2)
    return final_strength(data.classes, setting.power, setting.schedule.time, mean, square)


def law(setting: MethodSetting, panel: str, averaged: str, size: int) -> float:
    views, known = setting.data.views, response(setting)
    if panel == KNOWN:
        return float(theory.ensemble(views=views, networks=size))
    if panel == SURE:
        level = math.log(setting.data.classes)
        return theory.sure_coverage(
            views, size, setting.neurons, known, setting.power, level, averaged
        )
    return theory.soup_output(views, size, setting.neurons, known, setting.power, averaged)


def expect(setting: MethodSetting, law: Law = law) -> list[Expectation]:
    """What averages know and answer; another law serves the calibration."""
    every, rise = [], setting.rise()
    for panel, series in SERIES.items():
        for averaged in series:
            for size in SIZES:
                value = law(setting, panel, averaged, size)
                place = panel, f"{averaged}, {setting.label}", float(size)
                finite, margin, most = None, rise, 1.0
                spread = spread_of(setting, panel, averaged, size)
                if panel == KNOWN:  # near-ties: one network covers more than 1/M
                    alone = setting.finite_size_coverage()
                    ties = (
                        1
                        - (1 - alone) ** size
                        - theory.ensemble(views=setting.data.views, networks=size)
                    )
                    finite = min(1.0, value + float(ties))
                    spread = math.hypot(spread, setting.guessed_spread(value))
                if panel == OUTPUT:
                    margin, most = MARGIN, math.inf
                every.append(
                    Expectation.around(*place, value, margin, spread, finite_size=finite, most=most)
                )
    return every


@lru_cache(maxsize=256)
def spread_of(setting: MethodSetting, panel: str, averaged: str, size: int) -> float:
    """Deviation of a replicate, from ways in which networks share out views and neurons."""
    views, power, known = setting.data.views, setting.power, response(setting)
    cells = views, 1 if averaged == ALIGNED else setting.neurons
    drawn = np.random.default_rng(0).multinomial(
        size, np.full(math.prod(cells), 1 / math.prod(cells)), size=WAYS
    )
    shares = drawn.reshape(WAYS, *cells) / size
    alone = float(smoothed_relu(np.array([known]), power)[0][0])
    answers = alone * shares if averaged == ENSEMBLE else smoothed_relu(known * shares, power)[0]
    outputs = answers.sum(axis=2)
    of_class = {
        KNOWN: (outputs > 0).mean(axis=1),
        SURE: (outputs >= math.log(setting.data.classes)).mean(axis=1),
        OUTPUT: outputs.sum(axis=1) / alone,
    }[panel]
    disjoint = setting.data.classes * setting.networks / size
    # Near-ties, in which a class learns a second view with this probability.
    tied = min(max(views * setting.finite_size_coverage() - 1, 0.0), 1.0) / views**2
    return math.sqrt((float(of_class.var()) + tied) / disjoint)


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["averages"]

    def column(quantity: str, averaged: str, size: int) -> Any:
        rows = table[(table["averaged"] == averaged) & (table["size"] == size)]
        return rows.sort_values("replicate")[quantity].to_numpy()

    found = []
    for panel, series in SERIES.items():
        for averaged in series:
            for size in SIZES:
                if panel == OUTPUT:
                    of_ensembles = column("output", ENSEMBLE, size)
                    found.append(Sample.of(column("output", averaged, size) / of_ensembles))
                    continue
                shares = column("coverage" if panel == KNOWN else "sure", averaged, size)
                found.append(Sample.of(shares.clip(0, 1)))
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        strengths = study.numbers("networks", "strength")[0].max(axis=-1)
        left = ", ".join(
            f"{theory.averaged_weights(networks=n, response=response(setting), power=4):.3f}"
            for n in SIZES
        )
        lines.append(
            f"{setting.label}: winners have a mean strength of {strengths.mean():.2f}, by the "
            f"growth law {response(setting):.2f} at the end. With neurons without number averages "
            f"of {', '.join(map(str, SIZES))} networks' weights would answer {left} of what "
            "ensembles do: the wider, the fewer neurons hold a view in two networks."
        )
    return lines


def _instead(panel: str, series: tuple[str, ...], other: Law) -> Law:
    """Another law of these averages in one panel."""

    def changed(setting: MethodSetting, where: str, averaged: str, size: int) -> float:
        chosen = other if where == panel and averaged in series else law
        return chosen(setting, where, averaged, size)

    return changed


_wrong = wrong_by(expect)


WEIGHT_AVERAGE = Claim(
    name="weight-average",
    place=(3, 10),
    title="An average of weights knows what the ensemble knows, and is sure of little of it",
    statement=(
        "Networks that know different views hold them in different neurons, and the mean of N "
        "weights answers to a view with a response of x/N. Above the threshold of the smoothed "
        "ReLU that is about the ensemble's output, below it N^(1-q) of that. So the largest output "
        "is right as often as an ensemble's, 1 - (1 - 1/M)^N, whatever N; but a soup is sure of a "
        "view only while x/N is well above the threshold: the share of views of which it is sure "
        "rises with N at first, and then falls, while that of ensembles goes on. Aligning the "
        "neurons of winners keeps what several networks know."
    ),
    sources=(
        Credit(
            "ours, for the averages of {}, in the lottery of {}; that a temperature makes averages "
            "of wide networks ensembles: {}",
            Source("wortsman2022"), Source("allenzhu2023", "Theorem 2"), Source("ito2025"),
        ),
    ),
    formulas=("ensemble", "averaged_weights"),
    assumptions=(
        "no noise to memorise and no single-view samples: what is averaged are views alone",
        "networks with starts of their own on the same samples; aligned ones are those with the "
        "winner's neuron of each class in one place, as a search for permutations has it",
        "a view counts as sure where its class stands log K above the others, its softmax then "
        "being above one half",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the formula and, for the "
        "largest output, of its value with near-ties; for the ratio of outputs a tenth of its "
        "range from 0 to 1. Fixed before training; networks of seed 101 were looked at once "
        "before, to see that the final strength is that of the growth law."
    ),
    change=(
        "Test noise that does not shrink with N, in which outputs of N^(1-q) drown; strengths at "
        "which c of N networks answer just log K; depth, where a factor comes from every layer. "
        "Neurons that tie, so that a network holds a view in two: 24 of them with a deviation of "
        ".02 left the claim undecided in the preset standard, with .49 of the "
        "ensemble's output for four networks in the place of .58; since then they start at .01."
    ),
    does_not_show=(
        "soups of networks that share a part of their training, as fine-tuned ones do: they know "
        "the same views, and average them in place",
        "weights that are matched by any other rule than by their winners",
        "that soups of deep networks keep what the members know: one layer is averaged",
        "confidence after a temperature is fitted, which the largest output does not need",
    ),
    panels={
        KNOWN: ("networks averaged N", "coverage C"),
        SURE: ("networks averaged N", "share of the views"),
        OUTPUT: ("networks averaged N", "ratio of mean outputs"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("an average of weights is an ensemble", _instead(
            SURE, (WEIGHTS, ALIGNED), lambda s, panel, _, n: law(s, panel, ENSEMBLE, n))),
        _wrong("it answers as the ensemble does", _instead(
            OUTPUT, (WEIGHTS,), lambda s, panel, averaged, n: 1.0)),
        _wrong("it answers N^(1-q), whatever the response", _instead(
            OUTPUT, (WEIGHTS,), lambda s, panel, averaged, n: n ** (1.0 - s.power))),
        _wrong("it knows what one network does", _instead(
            KNOWN, (WEIGHTS, ALIGNED), lambda s, *_: 1 / s.data.views)),
        _wrong("it knows what most networks know", _instead(
            KNOWN, (WEIGHTS, ALIGNED),
            lambda s, panel, averaged, n: theory.majority_vote(views=s.data.views, networks=n))),
        _wrong("aligning neurons changes nothing", _instead(
            SURE, (ALIGNED,), lambda s, panel, averaged, n: law(s, panel, WEIGHTS, n))),
    ),
    remarks=remarks,
)  # fmt: skip
