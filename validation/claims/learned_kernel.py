"""Claim: training turns the kernel of gradients into that of the views that won."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from mvtheory.race import Alignments, kernel_alignments
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "alignment"
PLACES = {
    "two_before": "two, before",
    "before_after": "one, before and after",
    "two_after": "two, after",
}
MARGIN = 0.1

Law = Callable[[Alignments, int], tuple[float, float, float]]
"""Alignments of two networks before, of one before and after, of two after; and M."""


@lru_cache(maxsize=32)
def foreseen(setting: LotterySetting) -> Alignments:
    return kernel_alignments(
        setting.data.views, setting.data.classes, setting.neurons, setting.power,
        deviation=setting.deviation, late_growth=setting.late_growth(),
    )  # fmt: skip


def raced(found: Alignments, views: int) -> tuple[float, float, float]:
    return found[:3]


def expect(setting: LotterySetting, law: Law = raced) -> list[Expectation]:
    found = foreseen(setting)
    values = law(found, setting.data.views)
    rows = []
    for place, value, deviation in zip(PLACES.values(), values, found.deviations, strict=True):
        # Pairs of n networks are worth n/2 independent ones.
        pairs = 1 if place == PLACES["before_after"] else 2
        spread = deviation * (pairs / setting.networks) ** 0.5
        rows.append(Expectation.around(PANEL, setting.label, place, value, MARGIN, spread))
    return rows


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["kernel"].sort_values("replicate")
    return [Sample.of(table[name]) for name in PLACES]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: two networks have the same view in 1/M = "
        f"{1 / study.setting.data.views:.3f} of their classes; their kernels are aligned by "
        f"{study.tables['kernel']['two_before'].mean():.3f} before training and by "
        f"{study.tables['kernel']['two_after'].mean():.3f} after it, those of one network then and "
        f"now by {study.tables['kernel']['before_after'].mean():.3f}."
        for study in measured
    ]


_wrong = wrong_by(expect)
LEARNED_KERNEL = Claim(
    name="learned-kernel",
    place=(1, 21),
    title="Training turns the kernel of gradients into that of the views that won",
    statement=(
        "Networks that learn their features do not stay near the kernel of their start: on samples "
        "that show one view the kernel of gradients becomes that of the views that won, which the "
        "start decides. Trained kernels of two networks are aligned by the share 1/M of classes in "
        "which the same view won, one network's kernels before and after training by what the "
        "winners' responses weigh in the first of them, and no more."
    ),
    sources=(
        Credit(
            "{}, against neural tangent kernels, which stay; the three alignments: ours",
            Source("allenzhu2023", "section 1 and Theorem 1"),
        ),
    ),
    formulas=("escape_time",),
    assumptions=(
        "those of the claim single-view",
        "the kernel is the sum over outputs; samples without noise, orthonormal features",
    ),
    margin=(
        "Within .1 of what the growth law makes of drawn initial weights, with the near-ties of "
        "this initialisation: a fifth of the difference between a kernel that stays, 1, and one "
        "that two networks of two views share in half of their classes."
    ),
    change="A start so large that responses are beyond the threshold: the kernel then stays.",
    does_not_show=(
        "that the kernel decides the accuracy: alignments are judged, not what a fit with the "
        "kernel would reach",
        "the same on samples with noise, or of kernels of single layers",
        "that other networks leave their first kernel so far: wide perceptrons on digits do not "
        "(claim wide-kernel)",
    ),
    panels={PANEL: ("networks whose kernels are compared", "cosine of the kernels")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the kernel stays as it was", lambda own, m: (own[0], 1.0, own[0])),
        _wrong("all networks end with one kernel", lambda own, m: (own[0], own[1], 1.0)),
        _wrong("trained kernels have nothing in common", lambda own, m: (own[0], own[1], 0.0)),
        _wrong("the start decides everything", lambda own, m: (own[0], 1.0, own[2])),
        _wrong("every view is learned", lambda own, m: (own[0], own[0] ** 0.5, 1.0)),
    ),
    remarks=remarks,
)
