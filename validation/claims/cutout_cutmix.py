"""Claim: masking or pasting patches teaches losing views, and ensembles gain less by as much."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from mvtheory.references import Credit, Source
from validation.experiments.methods.setting import (
    Made,
    MethodSetting,
    check,
    made_coverage,
    made_spread,
    plain_data,
    require,
)
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

COVERAGE, GAIN = "coverage of one network", "what an ensemble adds"
SIZE = 3
SCHEDULE = Schedule(300, 2.0, 150, 3.0, late_momentum=0.75)
"""Large steps would kill neurons, when pasted samples ask for less of what is known."""
SHARES: dict[Made, tuple[float, ...]] = {"masked": (0.0, 0.05, 0.15, 0.4), "pasted": (0.05, 0.4)}
Law = Callable[[MethodSetting], float]


def settings(preset: str) -> tuple[MethodSetting, ...]:
    classes, samples, networks = {
        "smoke": (3, 20, 6), "quick": (3, 40, 12), "standard": (5, 60, 18), "full": (10, 60, 30),
    }[preset]  # fmt: skip
    return tuple(
        MethodSetting(
            name=f"{share:.0%} {made}", data=plain_data(classes, 2),
            training_samples=samples * classes, networks=networks, neurons=6, deviation=0.02,
            schedule=SCHEDULE, sizes=(1, SIZE), repeats=16, test_samples=20 * classes,
            made=made, share=share,
        )
        for made, shares in SHARES.items()
        for share in shares
    )  # fmt: skip


def gain(coverage: float) -> float:
    """What networks that know a view with this probability, each by itself, add in an ensemble."""
    return 1 - (1 - coverage) ** SIZE - coverage


def expect(
    setting: MethodSetting, law: Law = made_coverage, gained: Law | None = None
) -> list[Expectation]:
    """Coverage of one network and the gain of three; other laws serve the calibration."""
    one, truth = law(setting), made_coverage(setting)
    added = gain(one) if gained is None else gained(setting)
    series = f"{setting.made}, M = 2, K = {setting.data.classes}"
    spread = made_spread(setting, truth)
    # By how much the gain goes with the coverage; and classes without a second view are a lottery.
    slope = abs(SIZE * (1 - truth) ** (SIZE - 1) - 1)
    of_gain = math.hypot(slope * spread, 2 * (1 - truth) * setting.gain_spread(SIZE))
    least = gain(1 / setting.data.views)
    return [
        Expectation.around(COVERAGE, series, setting.share, one, setting.rise(), spread, most=1.0),
        Expectation.around(GAIN, series, setting.share, added, least / 5, of_gain),
    ]


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["ensembles"]
    one, several = (
        table[table["size"] == size].sort_values("replicate")["coverage"].to_numpy()
        for size in (1, SIZE)
    )
    return [Sample.of(one.clip(0, 1)), Sample.of(several - one)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        strength = study.numbers("networks", "strength")[0]
        both = strength[(strength > 1).all(axis=-1)]
        even = (both.min(axis=-1) / both.max(axis=-1)).mean() if len(both) else 0.0
        lines.append(
            f"{study.setting.label}: where a class knows both views, the weaker one has "
            f"{even:.2f} of the strength of the other."
        )
    return lines


def unmade(setting: MethodSetting) -> float:
    return made_coverage(replace(setting, share=0.0))


_wrong = wrong_by(expect)


CUTOUT_CUTMIX = Claim(
    name="cutout-cutmix",
    place=(3, 12),
    title="Masked and pasted patches teach views that lost, and an ensemble gains less by as much",
    statement=(
        "Where the winner is masked (Cutout) or replaced by another class's patch (CutMix), only "
        "the losing view explains the label: it is driven on by about p(1-p) of its drive in the "
        "race, for as long as training goes on, and is learned if it escapes in time. So coverage "
        "rises from 1/M within a few percent of masked patches, more if they are pasted; and as "
        "networks still differ by chance alone, N of them cover 1 - (1 - C)^N: an ensemble gains "
        "the less."
    ),
    sources=(
        Credit(
            "ours, by the growth law ({}), of what {} prove of features that are rare",
            Source("allenzhu2023", "Appendix D"), Source("oh2024"),
        ),
    ),
    formulas=("single_network", "ensemble"),
    assumptions=(
        "two views of each class, equally strong and in every sample before it is masked: the "
        "source has features of different rarity",
        "no noise to memorise: it would explain samples whose winner is masked",
        "masks are drawn once, by patches that hold a view, and shares are met exactly; what is "
        "pasted comes from a sample of another class, and labels go by the number of views",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the growth law; for what the "
        "ensemble adds a fifth of what it adds at 1/M. Fixed before training; rates and times were "
        "chosen on networks of the seeds 101 and 103, which large steps had killed where much was "
        "pasted; samples and steps were made fewer after a first run, which came out alike."
    ),
    change=(
        "Noise in the samples, which networks memorise where the winner is masked. Large steps, by "
        "which pasted samples drive what is known below zero. Short training: few losers escape."
    ),
    does_not_show=(
        "views that are rare, of which the source says that CutMix learns more than Cutout does",
        "that pasted samples teach more than masked ones: their laws differ by half of the margin",
        "masks that are drawn anew in every step, or that hide a part of a patch",
        "that strengths become even: a remark has their ratio, and nothing is claimed of it",
    ),
    panels={
        COVERAGE: ("share of the views' patches p", "coverage C of one network"),
        GAIN: ("share of the views' patches p", f"gain of {SIZE} networks"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("masked patches change nothing", unmade),
        _wrong("any masked patch teaches every view", lambda s: 1.0 if s.share else unmade(s)),
        _wrong("as many more views as are masked", lambda s: unmade(s) + s.share / 2),
        _wrong("pasted patches change nothing",
               lambda s: unmade(s) if s.made == "pasted" else made_coverage(s)),
    ),
    remarks=remarks,
)  # fmt: skip
