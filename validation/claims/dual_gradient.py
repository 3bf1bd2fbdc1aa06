"""Claim: distilling is plain training of the dual outputs on the dual labels."""

from mvtheory.references import Credit, Source
from validation.experiments.students.setting import StudentSetting, check, require, settings
from validation.trial.claim import Claim, Expectation, Measured, Sample, Wrong

RESIDUAL, REVERSE = "the loss as corrected", "the divergence as printed"
DIFFERENCE = "largest difference"
ROUNDING = 1e-12
"""Some thousand roundings of 2e-16 in a gradient whose entries are at most T."""
REVERSED = 1.0
"""Difference where student and teacher are at odds: of two classes at T = 1 it is p (1 - p) times
the difference of their log-odds, less p - q; 1 for p = 1/2 and log-odds 6 apart. Among 200 samples
there are such."""
VISIBLE = 0.05
"""A gradient that is wrong by this moves probabilities by percents in a step."""


def expect(setting: StudentSetting, reverse: bool = False) -> list[Expectation]:
    """Predictions; `reverse` claims Lemma 2 of the loss as printed, to see it refused."""
    return [
        Expectation(
            RESIDUAL, DIFFERENCE, setting.label, 0.0,
            VISIBLE if reverse else None, None if reverse else ROUNDING, 1e-15,
        ),
        Expectation(REVERSE, DIFFERENCE, setting.label, REVERSED, VISIBLE, None, REVERSED / 4),
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["gradient"].groupby("replicate", sort=True)
    return [Sample.of(table[name].max().to_numpy()) for name in ("residual", "reverse_residual")]


DUAL_GRADIENT = Claim(
    name="dual-gradient",
    place=(6, 1),
    title="Distillation is training of the dual outputs on the dual labels",
    statement=(
        "The gradient of the distillation loss in the student's logits is the dual outputs less "
        "the dual labels, (1-w) P_1 + w P_T - (1-w) Y - w P^_T, to rounding. This holds for the "
        "divergence from teacher to student and the teacher's soft labels; for the loss as the "
        "source prints it, with the divergence turned round, it does not."
    ),
    sources=(
        Credit(
            '{0.entry[author]} ({0.entry[year]}), "{0.entry[title]}", {0.place}, corrected',
            Source("darkknowledge2021", "Lemma 2, equations (1), (3), (4)"),
        ),
    ),
    formulas=("soft_weight",),
    assumptions=(
        "P_T and P^_T are the student's and the teacher's softmax at temperature T, Y the one-hot "
        "labels",
        "automatic differentiation in double precision",
    ),
    margin=(
        "An identity: the largest difference over 200 samples, all classes and all settings of "
        "the grid is rounding, below 1e-12. With the divergence turned round the difference is "
        "above .05: visible in the first step."
    ),
    change="Nothing, for an identity; single precision raises the rounding to 1e-6.",
    does_not_show=(
        "that training follows the dual model: the gradient at given logits is compared, not what "
        "a student learns by it",
        "other divergences than the two compared (`mvtheory.distillation.Loss` has theirs)",
    ),
    panels={
        name: (name, "largest difference of gradients\n(probability)")
        for name in (RESIDUAL, REVERSE)
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("Lemma 2 of the loss as printed", lambda setting: expect(setting, reverse=True)),),
)
