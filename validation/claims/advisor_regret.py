"""Claim: following the advisor loses little against the best setting, no more than a habit."""

from collections.abc import Sequence

from mvtheory.references import Credit
from validation.experiments.students.setting import ANCHOR, StudentSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

REGRET, USUAL, RANDOM = "regret", "gain over the usual setting", "gain over a random setting"
ADVISED = "setting advised"
MARGIN = 0.02
"""About the half-width of the advisor's own intervals with one anchor."""
SLACK = 0.01
"""Less than a percent is no difference."""


def expect(setting: StudentSetting, gain: float = -SLACK) -> list[Expectation]:
    """Accuracy lost to the best of the grid, and at least `gain` over the other ways to choose."""
    spread = 1.5 * setting.spread()
    return [
        Expectation(
            REGRET, ADVISED, setting.label, 0.0, None, MARGIN, spread, finite_size=MARGIN / 4
        ),
        Expectation(USUAL, ADVISED, setting.label, 0.0, gain, None, spread),
        Expectation(RANDOM, ADVISED, setting.label, 0.0, gain, None, spread),
    ]


def observe(measured: Measured) -> list[Sample]:
    advice = measured.tables["advice"]
    gains = (
        advice["best"] - advice["reached"],
        *(advice["reached"] - advice[name] for name in ("usual", "random")),
    )
    return [Sample.of(gain.to_numpy()) for gain in gains]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        advice = study.tables["advice"]
        lost = {
            words: (advice["best"] - advice[name]).mean()
            for words, name in (
                ("the advice", "reached"),
                (f"T = {ANCHOR[0]:g}, a_H = {ANCHOR[1]:g}", "usual"),
                ("a random setting", "random"),
            )
        }
        hard = study.by_replicate("problem", "student_accuracy")
        lines.append(
            f"{study.setting.label}: accuracy lost to the best of {len(study.setting.grid)} "
            "settings, which is picked with hindsight: "
            + ", ".join(f"{words} {loss:.4f}" for words, loss in lost.items())
            + f", hard labels {(advice['best'].to_numpy() - hard).mean():.4f}."
        )
    return lines


ADVISOR_REGRET = Claim(
    name="advisor-regret",
    place=(6, 4),
    title="The advisor's setting is near the best",
    statement=(
        "An advisor that has seen the student of hard labels and one distilled student, at T = 4 "
        "and a_H = .1, recommends a setting of the grid whose accuracy is on average within two "
        "percent of the best, which is known with hindsight only, and not below that of T = 4, "
        "a_H = .1 nor of a setting at random. Hard labels alone stand for it where it is not "
        "predicted to be better than they are."
    ),
    sources=(Credit("ours"),),
    formulas=("soft_weight",),
    assumptions=("those of distilled-accuracy", "one anchor: temperatures far from 4 are guessed"),
    margin=(
        "Regret up to .02, about the half-width of the intervals that the advisor gives; up to one "
        "percent below the other ways counts as not below."
    ),
    change="A student whose fit of the soft labels depends much on the temperature.",
    does_not_show=(
        "that one piece of advice is good: regret is a mean over draws, and single ones may lose "
        "more",
        "advice for other networks and data than perceptrons on digits and drawn clusters "
        "(benchmarks/estimators.py has more)",
        "that the advisor's own intervals hold, which benchmarks/records tells",
    ),
    panels={
        REGRET: ("setting", "accuracy lost to the best\n(share of samples)"),
        USUAL: ("setting", "accuracy, advised - usual\n(share of samples)"),
        RANDOM: ("setting", "accuracy, advised - random\n(share of samples)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "five percent better than the usual setting", lambda setting: expect(setting, gain=0.05)
        ),
    ),
    remarks=remarks,
)
