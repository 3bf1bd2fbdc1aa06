"""Claim: on CIFAR-100 the dual model's H has the spectrum of the free sum of its two parts."""

from collections.abc import Sequence

from mvtheory.distillation import soft_weight
from mvtheory.references import Credit, Source
from validation.claims.h_spectrum import ASSUMPTIONS, DESCRIBES, MARGIN
from validation.claims.image_h_spectrum import SPREAD
from validation.experiments.image_students.setting import (
    FREE,
    ImageStudentSetting,
    check,
    require,
    spectral,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

LAWS, PARTS = "free sum of the laws of the parts", "free sum of the parts as they are"
SUM = "free sum of hard and soft part"
"""How `h_spectrum` calls the law."""


def expect(setting: ImageStudentSetting, described: bool = True) -> list[Expectation]:
    """Excess distances; not `described` claims that the free sum is further off than allowed."""
    low, high, predicted = (None, MARGIN, 0.0) if described else (MARGIN, None, 2 * MARGIN)
    return [
        Expectation(panel, weight(t, a), setting.label, predicted, low, high, SPREAD)
        for panel in (LAWS, PARTS)
        for t, a in setting.dual
    ]


def weight(temperature: float, hard_weight: float) -> str:
    return f"w = {float(soft_weight(hard_weight=hard_weight, temperature=temperature)):.2g}"


def excess(measured: Measured, law: str, hard_weight: float) -> Sample:
    """Distances beyond the law's own, in the mean over a replicate's spectra."""
    table = measured.tables["sums"]
    rows = table[(table["law"] == law) & (table["hard_weight"] == hard_weight)]
    away = rows["distance"] - rows["own_distance"]
    return Sample.of(away.groupby(rows["replicate"], sort=True).mean().to_numpy())


def observe(measured: Measured) -> list[Sample]:
    dual = measured.setting.dual
    return [excess(measured, law, a) for law in (SUM, FREE) for _, a in dual]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        for t, a in study.setting.dual:
            table = study.tables["sums"]
            rows = table[table["hard_weight"] == a]
            away = (rows["distance"] - rows["own_distance"]).groupby(rows["law"]).mean()
            laws = ", ".join(f"{law} {value:.3f}" for law, value in away.items())
            lines.append(
                f"{study.setting.label}, T = {t:g}, a_H = {a:g}, {weight(t, a)}: accuracy "
                f"{rows['accuracy'].mean():.3f}. Kolmogorov distances of the dual model's spectrum "
                f"beyond those of the laws' own matrices: {laws}."
            )
    return lines


IMAGE_FREE_SUM = Claim(
    name="image-free-sum",
    place=(9, 12),
    title="On CIFAR-100 the dual model has the spectrum of the free sum of its parts",
    statement=(
        "For five test images of each of CIFAR-100's classes K H of the dual model of a residual "
        "student is the sum of a hard part, (1 - w) K H of labels and dual outputs, and a soft "
        "part, w K H of the teacher's softened outputs and dual outputs. The parts are free: its "
        "spectrum is the free sum of the generalised Wishart laws of the parts, and that of the "
        "parts as they are."
    ),
    sources=(
        Credit(
            '{0.entry[author]} ({0.entry[year]}), "{0.entry[title]}", {0.place}; the laws and the '
            "scales of the parts, and the parts as they are: ours",
            Source("darkknowledge2021", "figure 1"),
        ),
    ),
    formulas=(),
    assumptions=(
        *ASSUMPTIONS[1:],
        "dual labels and dual outputs mix those at temperatures 1 and T with the weight w",
    ),
    margin=(
        f"{DESCRIBES} Of the parts as they are, matrices of the law are sums of the two, one of "
        "them turned by chance."
    ),
    change=(
        "Outputs whose rows are spread evenly over all directions, and a teacher that knows little "
        "of the labels: then the parts are free, and have these laws."
    ),
    does_not_show=(
        "freeness itself: spectra of the sums agree with it, which they may without",
        "other weights and temperatures than those listed, or other students",
        "parts whose laws differ from the fitted ones but whose sum does not",
    ),
    panels={
        name: ("images", f"{what}: excess distance\n(share of eigenvalues)")
        for name, what in ((LAWS, "of the laws"), (PARTS, "of the parts"))
    },
    settings=spectral,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    refuted=(
        "With students of ResNet-8 on the 100 classes the free sum of the laws of the parts "
        "misplaces .72 of the eigenvalues at w = .97 and .20 at w = .5, beyond the law's own "
        "matrices: the soft part is of no Wishart law. The parts themselves are nearly free where "
        "both count: their free sum misplaces .045 at w = .5, .13 at w = .97."
    ),
    wrong=(
        Wrong(
            "the free sum misplaces more than a twentieth of the eigenvalues",
            lambda setting: expect(setting, described=False),
        ),
    ),
    remarks=remarks,
)
