"""Claim: on images a student of one network of its own kind is better than it."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    alone,
    check,
    require,
    said,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "gain of a self-distilled student"
SHARE = 0.64
"""Of the ensemble's gain, that self-distilled students had in the source, of CIFAR-100."""


def expect(setting: ImagesSetting) -> list[Expectation]:
    gain = SHARE * setting.gain
    return [
        Expectation(PANEL, "on one network", setting.label, gain, 0.0, None,
                    setting.spread(setting.selves))
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(alone(measured, "self") - alone(measured, "single"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        said(study, single="one network", self="a student of one", student="a student of all")
        for study in measured
    ]


def worse(expectation: Expectation, views: int) -> float:
    """What it would be if soft labels of one network only added its errors."""
    return -expectation.expected


IMAGE_SELF_DISTILLATION = Claim(
    name="image-self-distillation",
    place=(9, 4),
    title="On images a network learns more from one of its own kind than from labels",
    statement=(
        "A network trained on the outputs of one network of the same size is more accurate than "
        "networks trained on the labels."
    ),
    sources=(Credit("{}, messages 4 to 7", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "a student of another start than its teacher's",
    ),
    margin=("More accurate at all. In the source, of CIFAR-100 the gain was .64 of an ensemble's."),
    change=("Features that are not learned, or data of which one network knows every view."),
    does_not_show=(
        "that the student is an ensemble of two: regularising by soft labels would gain as well, "
        "and is not told from it",
        "that it gains against networks trained for longer, or with smoothed labels, which are "
        "not trained",
        "further rounds",
    ),
    panels={PANEL: ("images", "accuracy, self-distilled student\nless one network")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("a student of one network is worse than it", truth=worse),),
    remarks=remarks,
)
