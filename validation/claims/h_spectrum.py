"""Claim: of one-hot predictions, K H has the spectrum of a confusion matrix, not Wishart's."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.students.setting import StudentSetting, check, require
from validation.experiments.students.setting import settings as all_settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

CONFUSION, WISHART = "confusion law", "generalised Wishart law"
MARGIN = 0.05
"""Kolmogorov distance, beyond that of the law's own matrices, up to which a law describes."""
DESCRIBES = (
    "A law describes a spectrum if the Kolmogorov distance of its eigenvalues exceeds that of "
    "matrices drawn from the law, at the same size, by .05 at most: a twentieth of the "
    "eigenvalues misplaced."
)
ASSUMPTIONS = (
    "H is the symmetrised mean of label times prediction, both less 1/K",
    "five test samples of each class: with many, the population's confusion matrix shows",
    "errors spread over many classes",
)
SPREAD = 0.02
"""Deviation of the distance of 200 eigenvalues, about 0.27/sqrt(200).

A replicate's mean over several sets of test samples varies less. The plan makes no use of that: the
structure of a trained student, of which neither law knows, adds an excess of its own."""


def settings(preset: str) -> tuple[StudentSetting, ...]:
    """Those with many classes and few test samples of each."""
    return tuple(setting for setting in all_settings(preset) if setting.spectrum_classes)


def expect(setting: StudentSetting, wishart: bool = False) -> list[Expectation]:
    """Excess distances from the laws; `wishart` claims that the source's law holds instead."""
    label = setting.label
    # The two laws are .13 apart at an accuracy of .65 and five samples a class.
    low, high = (None, MARGIN) if wishart else (MARGIN, None)
    return [
        Expectation(CONFUSION, "excess distance", label, 0.0, None, MARGIN, SPREAD),
        Expectation(WISHART, "excess distance", label, 0.0 if wishart else 0.13, low, high, SPREAD),
    ]


def require_spectrum(setting: StudentSetting) -> list[Expectation]:
    """What holds for all students, and that the one with the spectrum is right half of the time.

    With most predictions wrong the two laws come together, and nothing could be told apart.
    """
    accuracy = Expectation(
        "accuracy of the student with the spectrum", "student", setting.label, 0.65, 0.5, None, 0.03
    )
    return [*require(setting), accuracy]


def check_spectrum(measured: Measured) -> list[Sample]:
    return [*check(measured), Sample.of(measured.by_replicate("spectrum", "accuracy"))]


def _excess(measured: Measured, law: str, temperature: float) -> Sample:
    table = measured.tables["spectrum"]
    rows = table[(table["law"] == law) & (table["temperature"] == temperature)]
    excess = rows["distance"] - rows["own_distance"]
    return Sample.of(excess.groupby(rows["replicate"], sort=True).mean().to_numpy())


def observe(measured: Measured) -> list[Sample]:
    return [_excess(measured, law, 0.0) for law in ("confusion", "generalised Wishart")]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        soft = _excess(study, "generalised Wishart", 1.0).values
        fitted = _excess(study, "generalised Wishart fitted", 0.0).values
        accuracy = study.tables["spectrum"]["accuracy"].mean()
        described = soft.mean() < MARGIN
        lines.append(
            f"{study.setting.label}: spectra of {study.setting.spectrum_classes} classes, "
            f"accuracy {accuracy:.3f}. Soft predictions (T = 1) are {soft.mean():.3f} further "
            "from the generalised Wishart law than its own matrices: there the source's law "
            f"{'describes the spectrum' if described else 'does not describe it either'}. "
            f"Fitted to the eigenvalues, it is {fitted.mean():.3f} off for one-hot predictions."
        )
    return lines


H_SPECTRUM = Claim(
    name="h-spectrum",
    place=(6, 2),
    title="One-hot predictions have the spectrum of a confusion matrix",
    statement=(
        "For one-hot predictions and a few test samples of each of many classes, K H of labels and "
        "predictions of a trained student has the spectrum of a sparse symmetrised confusion "
        "matrix. The generalised Wishart law of the same accuracy, which the source assumes, is "
        "refuted: it takes the entries to be Gaussian."
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
    margin=DESCRIBES,
    change="More test samples of a class, errors that stay within small groups of classes.",
    does_not_show=(
        "that the confusion law holds of outputs that are not one-hot, or of many samples of each "
        "class",
        "which law describes other students: perceptrons on drawn clusters, of one accuracy, are "
        "trained",
        "single eigenvalues: distances between whole distributions are judged",
    ),
    panels={
        name: (name, "excess Kolmogorov distance\n(share of eigenvalues)")
        for name in (CONFUSION, WISHART)
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require_spectrum,
    check=check_spectrum,
    wrong=(
        Wrong(
            "the generalised Wishart law of one-hot predictions",
            lambda setting: expect(setting, wishart=True),
        ),
    ),
    remarks=remarks,
)
