"""Claim: on images a student keeps at least half of what the ensemble gains."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    alone,
    beyond_half,
    check,
    large_gains,
    require,
    said,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "gain of a distilled student"
HALF, SHARE = 0.5, 0.72
"""Share of the gain that a student must keep, and that it kept in the source, of CIFAR-100."""


def expect(setting: ImagesSetting) -> list[Expectation]:
    more = (SHARE - HALF) * setting.gain
    return [
        Expectation(PANEL, "less half of the ensemble's", setting.label, more, 0.0, None,
                    setting.spread(setting.students))
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    return [beyond_half(measured, alone(measured, "student"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        said(study, single="one network", student="a student of all", ensemble="all together")
        for study in measured
    ]


def nothing(expectation: Expectation, views: int) -> float:
    """What it would be if a student gained nothing."""
    return -HALF / (SHARE - HALF) * expectation.expected


IMAGE_DISTILLATION = Claim(
    name="image-distillation",
    place=(9, 3),
    title="On images a student keeps half of what an ensemble gains",
    statement=(
        "A network trained on the outputs of an ensemble of networks of its own size gains at "
        "least half of what the ensemble gains on one of them."
    ),
    sources=(Credit("{}, messages 4 to 7", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "students of the teachers' architecture, trained by the same recipe",
    ),
    margin=(
        "A student keeps half of the gain, or it does not. In the source, of CIFAR-100 it kept .72 "
        "of it."
    ),
    change=(
        "Students trained for too short a time; a temperature at which little of the outputs but "
        "the label is left. On Fashion-MNIST, where an ensemble gains too little for a verdict, "
        "students kept a third of it."
    ),
    does_not_show=(
        "what a student takes over: soft labels smooth training too, and a gain of half may come "
        "from that alone",
        "other temperatures and weights than the one of the recipe",
        "students smaller than their teachers",
    ),
    panels={PANEL: ("images", "gain on one network,\nless half of the ensemble's")},
    settings=large_gains,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("a student gains nothing", truth=nothing),),
    remarks=remarks,
)
