"""Claim: parts of a network's channels are views of their own, and averages mix them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.references import Credit, Source
from validation.experiments.image_channels.setting import (
    ALL,
    AVERAGED,
    SPLIT,
    ChannelSetting,
    accuracies,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

LOST, REGAINED, SHRUNK = "one part of the channels", "all parts together", "averaged channels"
HALF, FIFTH = 0.5, 0.2
"""Of the share of channels that is lost, what accuracy may lose; of what networks lose, what an
ensemble must regain. About half is foreseen to be regained."""
Floats = NDArray[np.float64]


def expect(setting: ChannelSetting) -> list[Expectation]:
    seen, place = setting.foreseen, setting.place
    known, spread = seen.alone - 1 / setting.problem.classes, setting.spread()
    lost = {k: float(1 - (1 - seen.lost) ** np.log2(k)) for k in setting.parts}
    more = (HALF - FIFTH) * known * float(np.mean(list(lost.values())))
    # What one network loses is a difference of fewer networks than an ensemble's has.
    of_one = 1.5 * spread / known
    return [
        *(
            Expectation(LOST, place, k, share, None, HALF * (1 - 1 / k), of_one)
            for k, share in lost.items()
        ),
        Expectation(REGAINED, "more than on all", place, more, 0.0, None, spread),
        Expectation(SHRUNK, "less than on parts", place, -seen.shrunk, None, 0.0, spread),
    ]


def observe(measured: Measured) -> list[Sample]:
    parts, chance = measured.setting.parts, 1 / measured.setting.problem.classes
    alone = accuracies(measured, ALL)
    lost = {k: alone - accuracies(measured, SPLIT, k) for k in parts}
    more = [gain(measured, SPLIT, k) - gain(measured, ALL) - FIFTH * lost[k] for k in parts]
    shrunk = [gain(measured, AVERAGED, k) - gain(measured, SPLIT, k) for k in parts]
    return [
        *(Sample.of(lost[k] / (alone - chance)) for k in parts),
        Sample.of(np.mean(more, axis=0)),
        Sample.of(np.mean(shrunk, axis=0)),
    ]


def gain(measured: Measured, kind: str, parts: int = 1) -> Floats:
    """What the ensemble of all networks of this kind gains on one of them."""
    return accuracies(measured, kind, parts, "ensemble") - accuracies(measured, kind, parts)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        told = [f"all {setting.channels} channels {_words(study, ALL, 1)}"]
        for k in setting.parts:
            own = setting.channels // k
            told += [
                f"{own} of them {_words(study, SPLIT, k)}",
                f"{own} averages of {k} {_words(study, AVERAGED, k)}",
            ]
        lines.append(
            f"{setting.label}: accuracy of one network, and of {setting.members} of its kind "
            f"together: {'; '.join(told)}."
        )
        for k in setting.parts:
            if setting.members > k:
                same = accuracies(study, SPLIT, k, "same") - accuracies(study, SPLIT, k)
                lines.append(
                    f"{setting.label}: on one and the same of {k} parts {setting.members // k} "
                    f"networks gain {same.mean():.4f}, across all parts {setting.members} gain "
                    f"{gain(study, SPLIT, k).mean():.4f}."
                )
    return lines


def _words(study: Measured, kind: str, parts: int) -> str:
    one, together = (accuracies(study, kind, parts, of).mean() for of in ("one", "ensemble"))
    return f"{one:.4f} and {together:.4f}"


def in_proportion(expectation: Expectation, views: int) -> float:
    """What it would be if each channel knew something that no other knows."""
    if expectation.panel == LOST:
        return 1 - 1 / float(expectation.x)
    return expectation.expected


def nothing_regained(expectation: Expectation, views: int) -> float:
    """What it would be if all parts lacked the same: the ensemble loses what its networks lose."""
    if expectation.panel == REGAINED:
        return -FIFTH / (HALF - FIFTH) * expectation.expected
    return expectation.expected


def as_separate(expectation: Expectation, views: int) -> float:
    """What it would be if in averages networks could pick views even better than in parts."""
    return -expectation.expected if expectation.panel == SHRUNK else expectation.expected


IMAGE_CHANNELS = Claim(
    name="image-channels",
    place=(9, 9),
    title="Parts of a network's channels hold views of their own, and averages mix them",
    statement=(
        "The channels between the stages of a trained network are divided by chance. (1) A network "
        "that is trained on one part of them loses much less than the share of channels that it "
        "lacks, and an ensemble across the parts gains more than one of as many networks on all "
        "channels, which regains some of what its networks lose: parts hold different views. (2) "
        "On equally many averages of channels, in as many ways as there are parts, an ensemble "
        "gains less than across the parts: averages mix the views in which networks could differ."
    ),
    sources=(
        Credit(
            "after {}, observations 1 and 2; the wording and the margins are ours",
            Source("allenzhu2023", "figure 9"),
        ),
    ),
    formulas=(),
    assumptions=(
        "a convolutional network trained on the same images, frozen after one of its stages",
        "channels standardised on the training images, so that each counts alike in an average",
        "networks of one architecture but for their inputs, and one recipe, for parts and averages",
    ),
    margin=(
        "One part loses much less if of what a network knows beyond chance it loses at most half "
        "of the share of channels that it lacks. An ensemble regains some if it gains more than "
        "one on all channels by at least a fifth of what its networks lose, a share that is "
        "noticeable in claim image-features; averages shrink what an ensemble gains if it falls at "
        "all: both in the mean over the numbers of parts."
    ),
    change=(
        "So few channels that a part hardly knows anything; channels that are copies of each "
        "other, of which an average loses nothing and parts have nothing to add."
    ),
    does_not_show=(
        "that a part of the channels is a view in the theory's sense: parts that are noisy copies "
        "of a common signal would lose as little",
        "divisions other than by chance, or of other layers and networks",
        "each number of parts by itself: means over them are judged",
    ),
    panels={
        LOST: ("parts", "share of one network's knowledge\nthat it loses on one part"),
        REGAINED: (
            "parts",
            "gain across parts, less that on\nall channels and a fifth of the loss",
        ),
        SHRUNK: ("images", "gain on averages,\nless that across parts"),
    },
    settings=settings,
    costly=("quick",),  # an eighth of all its time
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("a part knows its share of what all channels know", truth=in_proportion),
        Wrong("what one part lacks, all parts lack", truth=nothing_regained),
        Wrong("an ensemble gains more on averages", truth=as_separate),
    ),
    remarks=remarks,
)
