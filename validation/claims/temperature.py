"""Claim: at temperature 1 no dark knowledge reaches the student, at high ones most of it."""

from collections.abc import Callable, Sequence

from mvtheory.references import Credit, Source
from validation.claims.student_width import adjusted, whole
from validation.experiments.pupils.setting import PupilSetting, after, before, check, require
from validation.experiments.pupils.setting import settings as settings_of
from validation.experiments.teaching.tables import coverage_by_replicate
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL, ORDER = "coverage of the student", "order of temperatures"
CONSTANT = (1.0, 2.0, 4.0, 8.0)
FALLING, RISING = (8.0, 1.0), (1.0, 8.0)

Law = Callable[[PupilSetting, float], float]


def settings(preset: str) -> tuple[PupilSetting, ...]:
    courses = (*((t, t) for t in CONSTANT), FALLING, RISING)
    return settings_of(preset, "temperatures", courses=courses, students=3)


def law(setting: PupilSetting, temperature: float) -> float:
    """The growth law after teaching, a view that lost going on from where its race left it."""
    return setting.taught_coverage(setting.neurons, setting.taught_at(temperature))


def expect(setting: PupilSetting, law: Law = law, order: float = 0.0) -> list[Expectation]:
    """Predictions; other laws, and what the order of temperatures does, serve the calibration."""
    margin, spread = setting.rise(), setting.called_spread()
    expectations = [
        Expectation.around(
            PANEL, setting.label, temperature, law(setting, temperature), margin, spread, most=1.0
        )
        for temperature in CONSTANT
    ]
    place = ORDER, "falling less rising", setting.label
    return [*expectations, Expectation.around(*place, order, setting.margin(), spread)]


def observe(measured: Measured) -> list[Sample]:
    """Less what is due to the initial weights; of the order of temperatures that is the same."""
    setting = measured.setting
    taught = [adjusted(measured, after((t, t)), law(setting, t)) for t in CONSTANT]
    falling, rising = (coverage_by_replicate(measured, after(c)).values for c in (FALLING, RISING))
    return [*taught, Sample.of(falling - rising)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        mean = study.tables["networks"].groupby("role")["coverage"].mean()
        lines.append(
            f"{study.setting.label}: students cover {mean[before('all')]:.3f} before they are "
            f"taught; their teachers together know {whole(study.setting):.3f}. Temperatures "
            f"falling from {FALLING[0]:g} to {FALLING[1]:g} give {mean[after(FALLING)]:.3f}, "
            f"rising ones {mean[after(RISING)]:.3f}."
        )
    return lines


TEMPERATURE = Claim(
    name="temperature",
    place=(2, 6),
    title="Dark knowledge survives at high temperatures, not at T = 1",
    statement=(
        "At T = 1 the softened outputs of a confident ensemble teach a student no view that it "
        "does not have. The drive of such views grows with T until the softmax is linear, and at "
        "high temperatures most of the teacher's views survive, by the growth law; what counts is "
        "the integral of the drive, so that falling and rising temperatures transfer alike."
    ),
    sources=(
        Credit("{}, for the loss; the law of the drive: ours", Source("hinton2015", "section 2")),
    ),
    formulas=("distilled",),
    assumptions=(
        "those of the claim ensemble-distillation, but Hinton's loss in place of the cut: "
        "cross-entropy plus T^2 times the divergence, both with weight 1",
        "the student learns from labels alone first",
        "no noise in the patches of views, and views are asked for with little noise beside them",
    ),
    margin=(
        "By temperature a fifth of the whole rise from 1/M to 1, on either side of the law "
        "(`dark_drive`, `expected_coverage_waiting`), whose numbers are all taken from the "
        "setting: that of student-width, which is of the same law. Pilots on other seeds were seen "
        "before: they lie .03 above the law at T = 1 and 2, where classes wait for each other "
        "longer than it says, and .05 below it at T = 4. For the order of temperatures "
        "(1 - 1/M)/(5M), a fifth of what a second network adds."
    ),
    change=(
        "More time moves the temperature down at which views survive, weaker distractors or a "
        "stronger teacher move it up; a less confident teacher has dark knowledge at T = 1 too. "
        "Noise in the views' own patches, or memory of noise, opens the gates of lagging views: "
        "more survives then, and the law is a lower bound."
    ),
    does_not_show=(
        "a temperature at which views begin to survive in other problems: it moves with time, "
        "distractors and how sure the teacher is, none of which is varied",
        "how much survives where noise opens gates",
        "that falling and rising temperatures are alike for any schedule: one of each is compared",
    ),
    panels={
        PANEL: ("temperature T", "coverage C of the student"),
        ORDER: ("setting (M views, K classes)", "coverage, T falling - T rising\n(share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "everything survives at every temperature",
            lambda setting: expect(setting, lambda s, t: whole(s)),
        ),
        Wrong(
            "nothing survives at any temperature",
            lambda setting: expect(setting, lambda s, t: s.taught_coverage(s.neurons, s.untaught)),
        ),
        Wrong(
            "the drive falls with the temperature",
            lambda setting: expect(setting, lambda s, t: law(s, max(CONSTANT) / t)),
        ),
        Wrong(
            "falling temperatures transfer more",
            lambda setting: expect(setting, order=0.2),
        ),
    ),
    remarks=remarks,
)
