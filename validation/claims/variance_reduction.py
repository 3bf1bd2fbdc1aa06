"""Claim, refuted: taking the variance of networks away lowers the loss and not the error."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.members.setting import MembersSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL, LOTTERY = "noise", "lottery"
HALF = 0.5


def expect(setting: MembersSetting) -> list[Expectation]:
    """Relative fall of the error over that of the Brier score."""
    if setting.problem == "views":
        # The error goes altogether; a mean of those who know and of those who guess is unsure.
        return [Expectation(LOTTERY, "networks", setting.problem, 2.0, 1.0, None, 0.3)]
    spread = 0.05 / (1 - setting.foreseen(1) / setting.foreseen(np.inf)) / setting.test_samples**0.5
    return [Expectation(PANEL, "networks", setting.problem, 0.0, None, HALF, spread)]


def falls(measured: Measured) -> dict[str, np.ndarray]:
    """Relative falls from one network to all, by replicate."""
    table = measured.tables["differences"].sort_values("replicate")
    found = {
        name: 1 - (table[f"{name}_of_all"] / table[name]).to_numpy() for name in ("loss", "brier")
    }
    return found | {"error": (table["gain"] / (1 - table["accuracy"])).to_numpy()}


def observe(measured: Measured) -> list[Sample]:
    fall = falls(measured)
    # Where networks put out the same, nothing falls.
    unit = fall["brier"]
    return [Sample.of(np.divide(fall["error"], unit, out=np.zeros_like(unit), where=unit > 0))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        fall = {name: float(values.mean()) for name, values in falls(study).items()}
        lines.append(
            f"{study.setting.problem}: from one network to {study.setting.others} the log loss "
            f"falls by {fall['loss']:.1%}, the Brier score by {fall['brier']:.1%}, the error by "
            f"{fall['error']:.1%}.".replace("%", " %")
        )
    return lines


def instead(panel: str, value: float, e: Expectation, views: int) -> float:
    return value if e.panel == panel else e.expected


VARIANCE_REDUCTION = Claim(
    name="variance-reduction",
    place=(8, 22),
    title="Less variance lowers the loss, not the error",
    statement=(
        "Where networks differ by noise, averaging them takes variance away, which lowers convex "
        "losses but not, or hardly, the share of samples that are put wrong; where each of them "
        "knows other views it lowers the error more than the loss."
    ),
    sources=(
        Credit(
            "after {}; that half of the loss's fall is hardly: ours",
            Source("allenzhu2023", "section 1"),
        ),
    ),
    formulas=("brier_of_ensemble",),
    assumptions=(
        "networks of one kind, trained on the same samples",
        "probabilities are averaged, so that the Brier score falls by their variance exactly",
    ),
    margin=(
        "In units of the score of one network the error falls by at most half as much as the "
        "Brier score; in a lottery of views by as much at least."
    ),
    change="Noise that moves no sample over the border between two classes.",
    does_not_show=(
        "that less variance never lowers the error: at most half as much as the Brier score is "
        "all that is said",
        "other losses: the Brier score stands for them",
        "networks that differ by noise on images (claim image-kind)",
    ),
    panels={
        PANEL: ("problem", "fall of the error\n(relative, over the Brier score's)"),
        LOTTERY: ("problem", "fall of the error\n(relative, over the Brier score's)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("the error falls as the score does", truth=partial(instead, PANEL, 1.0)),
        Wrong("the error falls twice as much", truth=partial(instead, PANEL, 2.0)),
        Wrong("a lottery's error falls half as much", truth=partial(instead, LOTTERY, 0.5)),
    ),
    remarks=remarks,
    refuted=(
        "The noise of small networks is largest near the borders between classes and moves samples "
        "over them, so that averaging it away lowers the error too, and in units of what one "
        "network has by more than the scores, a part of which is doubt that networks share. What "
        "is certain is the other half: averages never have the larger loss. Errors that stay where "
        "losses fall were not met here; in absolute terms gains are small where networks are wide "
        "for their problem (claim gaussian-inputs)."
    ),
)
