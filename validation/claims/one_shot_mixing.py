"""Claim: the mixing of self-distilled ridge that labels alone choose is nearly the best one."""

import math
from collections.abc import Callable, Sequence

from mvtheory.references import Credit, Source
from validation.experiments.one_shot.setting import OneShotSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

KEPT, MIXING = "share of the best gain", "mixing"
LEAST = 0.9
"""Of the gain of the best mixing: what the claim is about."""
SHARE = 0.2
"""Of the mixing: that loses 4 % of the gain, less than half of what may be lost."""
Rule = Callable[[OneShotSetting, float], float]


def best(setting: OneShotSetting, ridge: float) -> float:
    return setting.law(ridge).mixing


def expect(setting: OneShotSetting, rule: Rule = best) -> list[Expectation]:
    """Predictions; another rule for the mixing serves the calibration."""
    found = []
    for ridge in setting.ridges:
        lost, right = setting.lost(ridge), best(setting, ridge)
        # A square of a normal number deviates by sqrt(2) of its mean.
        spread = math.sqrt(2 / setting.draws) * lost
        found.append(
            Expectation(KEPT, setting.kind, ridge, 1.0, LEAST, None, spread, None, 1 - lost)
        )
        value, margin = rule(setting, ridge), SHARE * abs(right)
        deviation = abs(right) * math.sqrt(lost / setting.draws)
        found.append(Expectation.around(MIXING, setting.kind, ridge, value, margin, deviation))
    return found


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["one_shot"]
    found = []
    for ridge in measured.setting.ridges:
        rows = table[table["ridge"] == ridge].sort_values("replicate", kind="stable")
        found.append(Sample.of((rows["kept"] / rows["gain"]).to_numpy()))
        found.append(Sample.of(rows["mixing"].to_numpy()))
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["one_shot"]
        for ridge in (study.setting.ridges[0], study.setting.ridges[-1]):
            own = table[table["ridge"] == ridge].mean(numeric_only=True)
            lines.append(
                f"{study.setting.label}, ridge {ridge:g}: the mixing {own['mixing']:.2f} takes the "
                f"risk from {own['teacher']:.3f} to {own['teacher'] - own['kept']:.3f}, the best "
                f"one to {own['teacher'] - own['gain']:.3f}."
            )
    return lines


_wrong = wrong_by(expect)

ONE_SHOT_MIXING = Claim(
    name="one-shot-mixing",
    place=(7, 2),
    title="The best mixing of self-distilled ridge is known from the labels, without their noise",
    statement=(
        "A student fitted by ridge regression to (1 - xi) y + xi (its teacher's values) is a step "
        "along the ridge path. The xi that generalised cross-validation of that step chooses, from "
        "the labels alone and without any refit, keeps at least 90 % of what the best xi for the "
        "same data takes off the risk at new inputs. It is positive where the ridge is too small "
        "and negative where it is too large, as large as the law of random designs has it."
    ),
    sources=(
        Credit("{0}, arXiv {0.entry[eprint]}", Source("dang2026")),
        Credit("the form of the choice, and the law by errors at two ridges: ours"),
    ),
    formulas=(),
    assumptions=(
        "300 samples; a ridge away from the best one, at which there is nothing to gain",
        "a student that moves in many directions: what is lost is about twice its error over n "
        "times the gain",
        "independent samples; of digits those that were not drawn are the new ones",
    ),
    margin=(
        "At most a tenth of the best gain is lost, which is what the choice is to be good for. The "
        "mean mixing is within a fifth of the law's, which costs 4 % of the gain."
    ),
    change=(
        "A ridge near the best one, fewer samples, or samples that are twice in the data, which "
        "cross-validation takes for new ones."
    ),
    does_not_show=(
        "the choice near the best ridge, nor digits in 64 pixels with too little ridge: there more "
        "than a tenth of a small gain is lost",
        "several steps of self-distillation, or classifiers with other losses",
        "that a student is better than a teacher whose ridge was chosen well",
    ),
    panels={
        KEPT: ("ridge", "share of the best gain kept"),
        MIXING: ("ridge", "mixing xi"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the sign turned round", lambda setting, ridge: -best(setting, ridge)),
        _wrong("labels and teacher swapped", lambda setting, ridge: 1 - best(setting, ridge)),
        _wrong(
            "a mixing within [0, 1]",
            lambda setting, ridge: min(max(best(setting, ridge), 0.0), 1.0),
        ),
        _wrong(
            "labels without noise",
            lambda setting, ridge: setting.law(ridge, deviation=0.0).mixing,
        ),
        _wrong("the teacher's values alone", lambda setting, ridge: 1.0),
    ),
    remarks=remarks,
)
