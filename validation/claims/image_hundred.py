"""Claim: on images ten networks gain nearly what a hundred do, and five tell how much that is."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.image_hundred.setting import (
    HundredSetting,
    check,
    of_size,
    require,
    settings,
)
from validation.trial.claim import (
    Claim,
    Comparison,
    Expectation,
    Measured,
    Sample,
    means,
    wrong_by,
)

PROMISED, FURTHER = "accuracy of all networks", "from ten networks to a hundred"
MARGIN = 0.005
"""Of accuracies: what somebody who decides on more networks would act on, as in `ensemble-size`."""
FIFTH = 0.2
"""Of what the first ten gained: twice what ninety more add where noise averages out."""

Law = Callable[[float], float]
"""Share of an ensemble's gain that N networks lack."""


def averaging(networks: float) -> float:
    """As where members differ by noise alone: a + b/N."""
    return 1 / networks


def expect(setting: HundredSetting, law: Law = averaging) -> list[Expectation]:
    """Observed less promised accuracy; what more networks gain, less a fifth of the first gain.

    By another law given networks would promise something else.
    """
    gained = setting.gain * (1 - averaging(setting.given))
    bias = gained * (further(setting, law) - further(setting, averaging))
    few, most = (1 - averaging(n) for n in (setting.few, setting.members))
    return [
        Expectation.around(
            PROMISED, f"less what {setting.given} promise", setting.label, bias, MARGIN,
            setting.spread(setting.given),
        ),
        Expectation(
            FURTHER, "gain, less a fifth of the first ten's", setting.label,
            setting.gain * (most - few - FIFTH * few), None, 0.0, setting.spread(setting.few),
        ),
    ]  # fmt: skip


def further(setting: HundredSetting, law: Law) -> float:
    """What all gain beyond those given, in units of what these have gained."""
    first, most = law(setting.given), law(setting.members)
    return (first - most) / (law(1) - first)


def observe(measured: Measured) -> list[Sample]:
    setting = measured.setting
    one, few, everything = (of_size(measured, n) for n in (1, setting.few, setting.members))
    promised = means(measured.tables["predictions"], "all")
    return [
        Sample.of(everything - promised),
        Sample.of(everything - few - FIFTH * (few - one)),
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting, told = study.setting, study.tables["predictions"]
        reached = study.tables["sizes"].groupby("size")["accuracy"].mean()
        truth = study.tables["sizes"].query("size == @setting.members").set_index("replicate")
        observed = truth["accuracy"].reindex(told["replicate"]).to_numpy()
        held = ((told["low"] <= observed) & (observed <= told["high"])).mean()
        off = {
            "by the advisor": told["all"],
            "by a + b/N": told["given"]
            + further(setting, averaging) * (told["given"] - told["one"]),
            "by no further gain": told["given"],
        }
        errors = ", ".join(
            f"{words} {float(np.sqrt(np.mean((observed - own) ** 2))):.4f}"
            for words, own in off.items()
        )
        lines.append(
            f"{setting.label}: ensembles of "
            + ", ".join(f"{size} {value:.4f}" for size, value in reached.items())
            + f". From {setting.few} to {setting.members} the accuracy grows by "
            f"{reached[setting.members] - reached[setting.few]:.4f}, "
            f"{setting.given} networks promised {(told['all'] - told['few']).mean():.4f}. "
            f"Root-mean-square error of {len(told)} predictions of {setting.members} from "
            f"{setting.given} each: {errors}. The advisor's 90 % intervals held {100 * held:.0f} %."
        )
    return lines


_wrong = wrong_by(expect)
IMAGE_HUNDRED = Claim(
    name="image-hundred",
    place=(9, 13),
    title="On images ten networks gain nearly what a hundred do, as five of them tell",
    statement=(
        "The accuracy of an ensemble of a hundred networks on images is on average what "
        "`advise_ensemble` predicts from the outputs of five of them; and ninety networks more "
        "than ten add at most a fifth of what the ten gained on one."
    ),
    sources=(
        Credit(
            "{} (no further gain beyond about ten networks); the prediction and the size of what "
            "is no further gain: ours",
            Source("allenzhu2023", "section 1"),
        ),
    ),
    formulas=(),
    assumptions=(
        "one architecture, one recipe, one training set",
        "networks that differ by noise more than by the views they know (claim image-kind)",
    ),
    margin=(
        "Half a percent of the images, as in ensemble-size: a difference for which hardly anybody "
        "would train more networks. It is the mean over ten predictions of each draw that is "
        "judged; single ones from five networks had root-mean-square errors of .0008 to .0041 on "
        "networks for images that had been put aside (benchmarks/records/ensembles-aside.md). "
        "Where members' noise averages out ninety more add a tenth of what the first ten gain, "
        "in a lottery of few views next to nothing: a fifth is twice as much."
    ),
    change=(
        "Networks of which one knows little of what many know: on coarse CIFAR-100 the accuracy "
        "grows more slowly than 1/N falls (claim image-kind)."
    ),
    does_not_show=(
        "that five networks tell each draw: the mean over predictions is judged",
        "the same of larger networks, more images, or data on which networks are a lottery",
        "between ten and a hundred networks, how the gain grows",
    ),
    panels={
        PROMISED: ("images", "accuracy, observed - promised\n(share of images)"),
        FURTHER: ("images", "gain of 90 more networks,\nless a fifth of the first ten's"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("a + b/sqrt(N)", lambda networks: networks**-0.5),
        _wrong("every tenfold of networks gains as much", lambda networks: -math.log(networks)),
    ),
    remarks=remarks,
)
