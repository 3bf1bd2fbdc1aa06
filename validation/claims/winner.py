"""Claim: the view that a class learns can be read off the initial weights."""

import math
from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import (
    CALLED_WRONGLY,
    LotterySetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "winner"


def expect(setting: LotterySetting, called: float = 1.0) -> list[Expectation]:
    """Share of races called right; `called` is what the theory says of it asymptotically."""
    tied = setting.finite_size_coverage() * setting.data.views - 1
    finite = called - setting.upset() - tied / 2
    races = setting.networks * setting.data.classes
    return [
        Expectation(
            PANEL, "one network", setting.label, called, finite - CALLED_WRONGLY, None,
            math.sqrt(max(finite * (1 - finite), 0) / races), races, finite,
        )
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    races = measured.setting.networks * measured.setting.data.classes * measured.replicates
    return [Sample.of(measured.by_replicate("networks", "winner_right"), races)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: {1 - comparison.observed:.3f} of the races go against the "
        f"prediction (by guessing: {1 - 1 / study.setting.data.views:.3f}); near-ties and noise "
        f"in the patches account for {1 - comparison.expectation.expected:.3f}."
        for comparison, study in zip(comparisons, measured, strict=True)
    ]


WINNER = Claim(
    name="winner",
    place=(1, 3),
    title="The view that wins is written in the initial weights",
    statement=(
        "Of the views of a class, the one that escapes first is learned, which is the one with "
        "the largest S_l^(1/(q-2)) Lambda_l(0): Lambda_l(0) is the largest initial response of the "
        "class's neurons to view l, and S_l the mean q-th power of the view's coefficient over the "
        "multi-view training samples."
    ),
    sources=(
        Credit(
            "{}; {} for the race in gated linear networks",
            Source("allenzhu2023", "Appendix D"),
            Source("saxe2022"),
        ),
    ),
    formulas=("escape_time",),
    assumptions=(
        "those of the claim single-view",
        "small steps: gradient descent follows gradient flow while the race is on",
    ),
    margin=(
        "Asymptotically every race is called. At this initialisation a share M C - 1 of the "
        "classes (C by the growth law) learns a second view, and which of the two ends stronger "
        "is open: half of these are given up; so are the upsets by the noise in the views' "
        "patches, computed from its size. The rest must be called up to 5 % of the races, left to "
        "what the law does not contain: finite steps and the coupling of classes by the softmax."
    ),
    change=(
        "Noise in the views' patches, a larger initialisation, fewer samples of a class (S_l is "
        "then less certain), or q near 2, where no view wins."
    ),
    does_not_show=(
        "that the initial weights cause the win: the rule predicts it, and weights are not "
        "changed to see the winner change",
        "a rule for networks with more than one hidden layer, or trained in mini-batches",
        "that the rule beats every other: one that ranks views nearly alike calls nearly the same "
        "races",
    ),
    panels={PANEL: ("setting (M views, K classes)", "share of races called right")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("a view drawn at random wins", truth=lambda e, m: 1 / m),
        Wrong("the weakest view wins", truth=lambda e, m: (1 - e.expected) / (m - 1)),
    ),
    remarks=remarks,
)
