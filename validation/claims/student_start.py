"""Claim: a student gains by what its start does not share with its teacher's; nothing if all."""

from collections.abc import Callable, Sequence

from mvtheory.references import Credit, Source
from validation.experiments.pupils.setting import (
    PupilSetting,
    after,
    before,
    check,
    require,
)
from validation.experiments.pupils.setting import settings as settings_of
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "gain by self-distillation"
Law = Callable[[PupilSetting, float], float]


def settings(preset: str) -> tuple[PupilSetting, ...]:
    if preset == "quick":  # more replicates than that has time for: three looks left it open
        return ()
    every = (0.0, 0.7, 1.0) if preset == "smoke" else (0.0, 0.4, 0.7, 0.95, 1.0)
    return settings_of(preset, "starts", correlations=every, teachers=4, students=4)


def expect(setting: PupilSetting, law: Law = PupilSetting.gain_of) -> list[Expectation]:
    """What each kind of student gains; another law serves the calibration."""
    expectations = []
    for rho in setting.correlations:
        value = law(setting, rho)
        finite = value + setting.gain_here(rho) - setting.gain_of(rho)
        spread = setting.spread(2, setting.students) if rho < 1 else 1e-3
        place = PANEL, setting.label, rho
        expectations.append(
            Expectation.around(*place, value, setting.rise(), spread, finite_size=finite)
        )
    return expectations


def observe(measured: Measured) -> list[Sample]:
    """Gains less what is due to which views won: the wins are written in the starts."""
    setting, table = measured.setting, measured.tables["networks"]
    samples = []
    for rho in setting.correlations:
        old, new = (
            table[table["role"] == role].groupby("replicate", sort=True)
            for role in (before(rho), after(rho))
        )
        gain = new["coverage"].mean() - old["coverage"].mean()
        foretold = new["by_starts"].mean() - old["by_starts"].mean()
        samples.append(Sample.of((gain - foretold + setting.gain_of(rho)).to_numpy()))
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["networks"]
        mean = table.groupby("role")["coverage"].mean()
        seen = ", ".join(
            f"{mean[before(rho)]:.3f} to {mean[after(rho)]:.3f} at {rho:g}"
            for rho in study.setting.correlations
        )
        lines.append(f"{study.setting.label}: by the correlation of starts coverage goes {seen}.")
    return lines


_wrong = wrong_by(expect)


STUDENT_START = Claim(
    name="student-start",
    place=(2, 10),
    title="A student that favours its teacher's views gains less, one of the same start nothing",
    statement=(
        "A teacher that is one network knows one view of a class. Its student gains (1 - P)/M, P "
        "the probability that its own start favours the same view: by starts correlated by rho, "
        "that the largest of m M correlated Gaussian responses are of one view. With independent "
        "starts this is Theorem 4, with the teacher's own start the gain is 0."
    ),
    sources=(Credit("ours, from {}", Source("allenzhu2023", "Theorem 4 and Assumption 4.1")),),
    formulas=("self_distilled", "single_network"),
    assumptions=(
        "those of the claim self-distillation",
        "a start of the correlation rho: rho times the teacher's and sqrt(1 - rho^2) times its own",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of (1 - P)/M and of that with "
        "near-ties."
    ),
    change="What changes self-distillation.",
    does_not_show=(
        "starts that resemble the teacher in another way, such as in a few layers or neurons",
        "teachers of several networks, whose views no one start favours together",
        "that a likeness of starts matters where networks differ by noise",
    ),
    panels={PANEL: ("correlation of the starts of student and teacher", "coverage gained")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the start does not matter", lambda s, rho: s.gain_of(0.0)),
        _wrong("a student gains nothing", lambda s, rho: 0.0),
        _wrong("a student gains two views", lambda s, rho: 2 * s.gain_of(rho)),
    ),
    remarks=remarks,
)
