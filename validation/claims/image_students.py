"""Claim: on images an ensemble of students is no better than their teachers together."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    check,
    require,
    said,
    settings,
    together,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "ensemble of students"
MARGIN = 0.01
"""Of accuracy: what would be worth training another ensemble for."""


def expect(setting: ImagesSetting) -> list[Expectation]:
    return [
        Expectation(PANEL, "less the ensemble of teachers", setting.label, -0.2 * setting.gain,
                    None, MARGIN, setting.spread(4))
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(together(measured, "students") - together(measured, "ensemble"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        said(
            study,
            student="one student",
            students="all students together",
            ensemble="their teachers together",
        )
        for study in measured
    ]


def a_gain_of_their_own(expectation: Expectation, views: int) -> float:
    """What it would be if students gained as much by being together as networks do."""
    return -3.6 * expectation.expected


IMAGE_STUDENTS = Claim(
    name="image-students",
    place=(9, 5),
    title="On images an ensemble of students is no better than their teachers",
    statement=(
        "An ensemble of students that were all distilled from one ensemble is not more accurate "
        "than it."
    ),
    sources=(Credit("{}, messages 4 to 7", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "students that know nothing but their teachers' outputs and the labels",
    ),
    margin=("No better by a hundredth: what would be worth training another ensemble for."),
    change=("Teachers that are few: students add to what few of them know."),
    does_not_show=(
        "that students know nothing more than their teachers: equal accuracy does not mean equal "
        "answers",
        "students of one teacher each, or of many more teachers",
        "a difference below one percentage point",
    ),
    panels={PANEL: ("images", "accuracy, students together\nless teachers together")},
    settings=settings,
    costly=("quick",),  # seven draws more than all other claims about these images ask for
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    refuted=(
        "Three students of six networks of few drawn figures are together .03 more accurate than "
        "the six: soft labels take from each student what it would have learned by heart, and "
        "students of different starts still differ. It holds in the preset standard, for three "
        "students of ten networks on Fashion-MNIST and on coarse CIFAR-100."
    ),
    wrong=(Wrong("students together gain what networks together gain", truth=a_gain_of_their_own),),
    remarks=remarks,
)
