"""Claim: midpoints of samples teach losing views, as far as coefficients vary."""

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

PANEL = "coverage by share of midpoints"
STRENGTH = (0.8, 2.2)
"""Coefficients that vary widely: what a winner leaves of midpoints goes with that."""
SCHEDULE = Schedule(600, 2.0, 150, 3.0, late_momentum=0.5)
Law = Callable[[MethodSetting], float]


def settings(preset: str) -> tuple[MethodSetting, ...]:
    every = 0.0, 0.1, 0.25, 0.5, 0.8
    chosen: dict[str, tuple[tuple[int, int, int, Made, tuple[float, ...]], ...]] = {
        "smoke": ((3, 12, 4, "midpoints", (0.0, 0.5)),),
        "quick": ((3, 60, 12, "midpoints", (0.0, 0.2, 0.5, 0.8)),),
        "standard": (
            (3, 60, 20, "midpoints", every), (8, 40, 10, "midpoints", (0.5,)),
            (8, 40, 10, "midpoints apart", (0.0, 0.5, 1.0)),
        ),
        "full": (
            (3, 60, 40, "midpoints", every), (8, 60, 20, "midpoints", every),
            (8, 60, 20, "midpoints apart", (0.0, 0.5, 1.0)),
        ),
    }  # fmt: skip
    return tuple(
        mixed(classes, samples, networks, made, share)
        for classes, samples, networks, made, shares in chosen[preset]
        for share in shares
    )


def mixed(classes: int, samples: int, networks: int, made: Made, share: float) -> MethodSetting:
    """So many classes, samples of each and networks; `samples` many, see `change`."""
    return MethodSetting(
        name=f"{share:.0%} {made}", data=plain_data(classes, 2, STRENGTH),
        training_samples=samples * classes, networks=networks, neurons=6, deviation=0.035,
        schedule=SCHEDULE, sizes=(1,), repeats=16, test_samples=20 * classes, made=made,
        share=share,
    )  # fmt: skip


def expect(setting: MethodSetting, law: Law = made_coverage) -> list[Expectation]:
    """Coverage of one network; another law serves the calibration."""
    value = law(setting)
    place = PANEL, f"{setting.made}, M = 2, K = {setting.data.classes}", setting.share
    spread = made_spread(setting, made_coverage(setting))
    return [Expectation.around(*place, value, setting.rise(), spread, most=1.0)]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage").clip(0, 1))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for comparison, study in zip(comparisons, measured, strict=True):
        strength = study.numbers("networks", "strength")[0]
        lines.append(
            f"{study.setting.label}: coverage {comparison.observed:.3f}, by the growth law "
            f"{comparison.expectation.predicted:.3f}; the strongest view of a class reaches "
            f"{strength.max(axis=-1).mean():.2f}, the weakest {strength.min(axis=-1).mean():.2f}."
        )
    return lines


def unmixed(setting: MethodSetting) -> float:
    return made_coverage(replace(setting, share=0.0))


def constant(setting: MethodSetting) -> float:
    """The law of coefficients that do not vary, all at their root-mean-square of power q."""
    level = setting.data.mean_power(setting.power) ** (1 / setting.power)
    return made_coverage(replace(setting, data=replace(setting.data, strength=(level, level))))


_wrong = wrong_by(expect)


MIDPOINT_MIXUP = Claim(
    name="midpoint-mixup",
    place=(3, 11),
    title="Midpoints of samples teach views that lost, the more their coefficients vary",
    statement=(
        "The midpoint of samples of two classes, with half of each label, asks for equal outputs. "
        "Where coefficients vary the winners alone cannot give them: they stay at a finite "
        "strength, and a residual is left that drives losing views until they escape. So coverage "
        "rises above 1/M, with the time, with the share of midpoints and with the variance of "
        "coefficients. It is highest where about half of the samples are midpoints: these alone "
        "have races that are 2^q times slower at least."
    ),
    sources=(
        Credit(
            "ours, by the growth law ({}), of what {} prove of midpoints alone and many classes",
            Source("allenzhu2023", "Appendix D"), Source("chidambaram2023", "Theorem 4.7"),
        ),
    ),
    formulas=("single_network",),
    assumptions=(
        "two views of each class, whose coefficients vary from .8 to 2.2, independently of each "
        "other: the source's depend on each other",
        "no noise to memorise, which would fit the residual in place of a second view",
        "midpoints of samples of different classes, drawn once",
        "plain samples besides, or midpoints in which both samples keep patches of their own: a "
        "patch that shows views of two classes joins their races",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the growth law of one class, "
        "with every number taken from the setting. Fixed before training; rates and times were "
        "chosen on networks of the seeds 101 to 103, by whether they were stable and by how far "
        "apart the law has its shares; 40 samples of a class were too few at a share of .8."
    ),
    change=(
        "Midpoints alone, in common patches (claim midpoints-alone), which a first run of the "
        "preset standard had among its settings. Coefficients that hardly vary; few samples, whose "
        "residuals go with their own coefficients."
    ),
    does_not_show=(
        "that every view is learned, as the source proves of midpoints alone",
        "mixing by other shares than halves, as is usual, whose residuals vary by themselves",
        "a gain on real data, where noise can be memorised",
        "coefficients that depend on each other, by which the residual drives losers faster",
    ),
    panels={PANEL: ("share of the samples that are midpoints", "coverage C of one network")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("midpoints teach what plain samples do", unmixed),
        _wrong("midpoints teach every view", lambda s: 1.0 if s.share else unmixed(s)),
        _wrong("the variance of coefficients plays no part", constant),
        _wrong(
            "what plain samples there are teach it, in proportion to them",
            lambda s: (1 - s.share) * unmixed(s),
        ),
    ),
    remarks=remarks,
)  # fmt: skip
