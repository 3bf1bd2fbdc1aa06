"""Claim: on CIFAR-100 the confusion law is nearer to the spectrum of H than Wishart's."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.claims.h_spectrum import ASSUMPTIONS, DESCRIBES, MARGIN
from validation.experiments.image_students.setting import (
    SOFT,
    ImageStudentSetting,
    check,
    require,
    spectral,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

CONFUSION, WISHART = "confusion law", "generalised Wishart law, less confusion law"
SPREAD = 0.015
"""Deviation of the mean of four distances of 99 eigenvalues, each about 0.27/sqrt(99)."""


def expect(setting: ImageStudentSetting, wishart: bool = False) -> list[Expectation]:
    """Excess distances; `wishart` claims that the source's law is the nearer one."""
    # Of confusions without structure, at an accuracy of .3; .08 at .5 and .13 at .65.
    apart = 0.04
    low, high, predicted = (None, 0.0, -apart) if wishart else (0.0, None, apart)
    return [
        Expectation(CONFUSION, "one-hot", setting.label, 0.0, None, MARGIN, SPREAD),
        Expectation(WISHART, "one-hot", setting.label, predicted, low, high, SPREAD),
    ]


def excess(measured: Measured, law: str, model: str, temperature: float) -> Sample:
    """Distances beyond the law's own, in the mean over a replicate's spectra."""
    table = measured.tables["spectrum"]
    rows = table[
        (table["law"] == law) & (table["model"] == model) & (table["temperature"] == temperature)
    ]
    away = rows["distance"] - rows["own_distance"]
    return Sample.of(away.groupby(rows["replicate"], sort=True).mean().to_numpy())


def observe(measured: Measured) -> list[Sample]:
    confusion, wishart = (
        excess(measured, law, "hard", 0.0) for law in ("confusion", "generalised Wishart")
    )
    return [confusion, Sample.of(wishart.values - confusion.values)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["spectrum"]
        temperature, _ = SOFT
        said = []
        for words, model, t in (
            ("one-hot predictions", "hard", 0.0),
            ("soft predictions (T = 1)", "hard", 1.0),
            (f"the dual model at T = {temperature:g}", "dual", temperature),
        ):
            chosen = table[(table["model"] == model) & (table["temperature"] == t)]
            away = (chosen["distance"] - chosen["own_distance"]).groupby(chosen["law"]).mean()
            laws = ", ".join(f"{law} {value:.3f}" for law, value in away.items())
            said.append(f"{words}: {laws}")
        accuracy = table[table["model"] == "hard"]["accuracy"].mean()
        lines.append(
            f"{study.setting.label}, accuracy {accuracy:.3f}. Kolmogorov distances beyond those of "
            f"the laws' own matrices, of {'; '.join(said)}."
        )
    return lines


IMAGE_H_SPECTRUM = Claim(
    name="image-h-spectrum",
    place=(9, 11),
    title="On CIFAR-100 one-hot predictions have the spectrum of a confusion matrix",
    statement=(
        "For one-hot predictions and five test images of each of CIFAR-100's classes, K H of "
        "labels and predictions of a residual student has the spectrum of a sparse symmetrised "
        "confusion matrix, which is nearer to it than the generalised Wishart law of the same "
        "accuracy, which the source assumes."
    ),
    sources=(
        Credit(
            'against {0.entry[author]} ({0.entry[year]}), "{0.entry[title]}", {0.place}; the '
            "confusion law is ours",
            Source("darkknowledge2021", "figure 1"),
        ),
    ),
    formulas=(),
    assumptions=ASSUMPTIONS,
    margin=(
        f"{DESCRIBES} It is the nearer one at all: at an accuracy of .3 theory puts .04 between "
        "the two laws, and at .65 .13."
    ),
    change="Students that are nearly always wrong: with few right answers the two laws meet.",
    does_not_show=(
        "that the confusion law is right: it is within the margin and the nearer of two",
        "outputs that are not one-hot, many images of a class, or other networks",
        "single eigenvalues",
    ),
    panels={
        name: (name, "excess Kolmogorov distance\n(share of eigenvalues)")
        for name in (CONFUSION, WISHART)
    },
    settings=spectral,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "the generalised Wishart law is the nearer one",
            lambda setting: expect(setting, wishart=True),
        ),
    ),
    remarks=remarks,
)
