"""Claim: on data without views distillation gains nothing, there being nothing to be told."""

from collections.abc import Sequence

from mvtheory.references import Source
from validation.experiments.gaussian_inputs.setting import GaussianSetting, check, require, taught
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "gain by distillation"
NOTICEABLE = 0.01


def expect(
    setting: GaussianSetting, gain: float = 0.0, low: float | None = None
) -> list[Expectation]:
    """No gain, up to what is noticeable; `gain` and `low` make it the opposite."""
    # Networks and students are means over as many, of test samples that both are asked.
    return [
        Expectation(
            PANEL, setting.label, problem.function.replace("olutional", "."), gain, low,
            NOTICEABLE if low is None else None, setting.spread(),
        )
        for problem in setting.problems
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["gains"]
    return [
        Sample.of(
            table[table["problem"] == index].set_index("replicate")["student_gain"].to_numpy()
        )
        for index in range(len(measured.setting.problems))
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["gains"]
        one, gain = table["one"].mean(), table["gain"].mean()
        lines.append(
            f"{study.setting.label}: one network is right on {one:.3f}, the average of "
            f"{study.setting.networks_each} on {one + gain:.3f}, a student of it on "
            f"{table['student'].mean():.3f} of the test samples."
        )
    return lines


DISTILLATION_WITHOUT_VIEWS = Claim(
    name="distillation-without-views",
    place=(5, 6),
    title="On data without views a student of an ensemble is no better than its networks",
    statement=(
        "Where inputs are Gaussian and labels come from a network of random weights, wide networks "
        "that are trained on the softened outputs of an ensemble of their kind are not noticeably "
        "better than networks trained on the labels: there is no view that one lacks and another "
        "knows, and no dark knowledge to be told."
    ),
    sources=(Source("allenzhu2023", "section 1 and the experiment on Gaussian-like inputs"),),
    formulas=(),
    assumptions=(
        "those of the claim gaussian-inputs, without label noise and rejection",
        "temperature 4 and .8 of the dual loss for the soft labels",
    ),
    margin=(
        "A gain is noticeable from one percentage point of test accuracy, as in gaussian-inputs: "
        "on multi-view data students gain tens."
    ),
    change="Few samples, of which soft labels tell more than hard ones; inputs with views.",
    does_not_show=(
        "that views are what is missing: these data lack other structure too",
        "a gain below one percentage point, or of students of few samples",
        "other temperatures and weights than the one of the recipe",
    ),
    panels={PANEL: ("network that labels", "gain in test accuracy\n(share of samples)")},
    settings=taught,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "a student gains two percentage points, and one at least",
            lambda setting: expect(setting, gain=2 * NOTICEABLE, low=NOTICEABLE),
        ),
        Wrong("a student gains two percentage points", truth=lambda e, views: 2 * NOTICEABLE),
        Wrong("a student halves an error of one tenth", truth=lambda e, views: 0.05),
    ),
    remarks=remarks,
)
