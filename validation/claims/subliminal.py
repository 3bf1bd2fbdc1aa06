"""Claim: students learn classes from outputs that name none by what their starts have in common."""

from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.features import inherited_share
from mvtheory.references import Credit, Source
from validation.experiments.subliminal.setting import (
    ALL,
    HEADS,
    HIDDEN,
    RELU,
    SubliminalSetting,
    check,
    cosines,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANELS = "ReLU, short training", "ReLU, long training", "linear, long training"
ACCURACY, SHARE = "accuracy", "share of what the same start learns"
OTHER, SAME = "its own", "its teacher's"
MARGIN = 0.05
Law = Callable[[SubliminalSetting, str, float], float]
"""By what is shared with the teacher's start, and the correlation."""


def expect(setting: SubliminalSetting, law: Law = SubliminalSetting.share) -> list[Expectation]:
    """Shares of what the teacher's own start learns; another law serves the calibration."""
    found = []
    for shared, rho in setting.starts:
        if (shared, rho) == (ALL, 1.0):
            continue  # 1 by definition
        value, right = law(setting, shared, rho), setting.share(shared, rho)
        here = value + setting.share_here(shared, rho) - right
        place = setting.panel, shared, rho
        found.append(
            Expectation.around(*place, value, MARGIN, setting.spread(right), finite_size=here)
        )
    if setting.activation == RELU:
        chance = 1 / setting.classes
        found += [
            Expectation.around(
                ACCURACY, setting.length, OTHER, chance, MARGIN, setting.accuracy_spread(chance)
            ),
            Expectation(
                ACCURACY, setting.length, SAME, 3 * chance, 2 * chance, None,
                setting.accuracy_spread(3 * chance),
            ),
        ]  # fmt: skip
    return found


def observe(measured: Measured) -> list[Sample]:
    setting: SubliminalSetting = measured.setting
    table = measured.tables["students"]

    def column(shared: str, rho: float, name: str) -> np.ndarray:
        rows = table[(table["shared"] == shared) & (table["correlation"] == rho)]
        return rows.sort_values("replicate", kind="stable")[name].to_numpy()

    most = column(ALL, 1.0, "gain")
    found = [
        Sample.of(column(shared, rho, "gain") / most)
        for shared, rho in setting.starts
        if (shared, rho) != (ALL, 1.0)
    ]
    if setting.activation == RELU:
        found += [Sample.of(column(ALL, rho, "accuracy")) for rho in (0.0, 1.0)]
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["students"]
        same = table[table["shared"] == ALL].groupby("correlation", sort=True)
        accuracy = ", ".join(
            f"{value:.2f} at {rho:g}" for rho, value in same["accuracy"].mean().items()
        )
        lines.append(
            f"{study.setting.label}: the accuracy of students is {accuracy}, by the correlation of "
            f"all weights; that of their teachers {table['teacher'].mean():.2f}, that of guesses "
            f"{1 / study.setting.classes:.2f}."
        )
    return lines


_wrong = wrong_by(expect)


def _linear(setting: SubliminalSetting, shared: str, rho: float) -> float:
    return 1.0 if shared == HIDDEN else rho**2


def _first_step(setting: SubliminalSetting, shared: str, rho: float) -> float:
    heads, hidden = cosines(shared, rho)
    return float(
        inherited_share(
            auxiliary_correlation=heads, class_correlation=heads, hidden_correlation=hidden
        )
    )


SUBLIMINAL = Claim(
    name="subliminal",
    place=(2, 22),
    title="What is learned of classes from outputs that name none follows from the two starts",
    statement=(
        "A student that is trained on its teacher's auxiliary outputs alone, at inputs that are "
        "noise, learns its teacher's classes. Of what it learns with the teacher's start, other "
        "starts learn the product of the cosines of their two heads with the teacher's, times "
        "1 - g + g (2/pi) arcsin of the cosine of the hidden layers: g is 1/2 for one small step "
        "of ReLU networks, by the kernel of the inputs for longer training, and 0 for linear "
        "ones. With starts of the cosine rho that is rho^2 (1 - arccos(rho)/pi) at first, and "
        "nothing at 0. Heads alone must fit: with another hidden layer about half is learned still."
    ),
    sources=(
        Credit(
            "{0}, arXiv {0.entry[eprint]}, for one step from one start; more steps: {1}, arXiv "
            "{1.entry[eprint]}",
            Source("cloud2025", "Theorem 1"),
            Source("kitkana2026"),
        ),
        Credit("{0}, arXiv {0.entry[eprint]}, for heads that fit", Source("brockers2026")),
        Credit("the share by the cosines: ours"),
    ),
    formulas=("inherited_share",),
    assumptions=(
        "one hidden layer, far wider than classes are many, and weights that stay near their start",
        "outputs less what they were at the start, of teacher and student",
        "a start of the cosine rho: rho times the teacher's and sqrt(1 - rho^2) times its own",
        "64 dimensions, in which samples are nearly orthogonal, and students' inputs are noise",
    ),
    margin=(
        "Within .05 of the share and of its value at this cosine of samples of a class: what first "
        "order leaves out is of the order 1/sqrt(h), .06 at 256 neurons, and 1/dimension. It was "
        "chosen after pilots on other seeds, which showed differences of .02, and before any "
        "training on this one, after which only the numbers of teachers, of outputs of linear "
        "networks and of steps were changed, for their cost. Accuracy without anything in common "
        "is that of guesses, to .05; with the same start at least twice that, which a user would "
        "notice."
    ),
    change=(
        "Networks that leave their start, whose gates change; outputs that are not taken from "
        "where they started, so that students learn the teacher's start besides; samples that are "
        "not nearly orthogonal."
    ),
    does_not_show=(
        "networks of several layers, or features that are learned: there the share is not known",
        "how much is learned with the same start, A/h of the teacher's in linear networks: shares "
        "of it are judged",
        "students of another architecture, whose neurons do not correspond",
    ),
    panels={
        PANELS[0]: ("cosine of what is shared", SHARE),
        PANELS[1]: ("cosine of what is shared", SHARE),
        PANELS[2]: ("cosine of what is shared", SHARE),
        ACCURACY: ("start of the student", "accuracy on new samples"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the share is the cosine of the starts", lambda own, shared, rho: rho),
        _wrong("the start does not matter", lambda own, shared, rho: 1.0),
        _wrong(
            "without a hidden layer in common nothing is learned",
            lambda own, shared, rho: 0.0 if shared == HEADS else own.share(shared, rho),
        ),
        _wrong("gates count for nothing: the square of the cosine of the heads", _linear),
        _wrong("one small step of ReLU networks, whatever was trained", _first_step),
    ),
    remarks=remarks,
)
