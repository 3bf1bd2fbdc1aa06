"""Claim: what distillation transfers rises with the student's width, by its largest responses."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.pupils.setting import PupilSetting, after, before, check, require
from validation.experiments.pupils.setting import settings as settings_of
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, means, wrong_by

PANEL = "coverage of the student"
HOT = 8.0
"""Temperature at which the drive of unknown views has reached its plateau."""
Law = Callable[[PupilSetting, int], float]


def settings(preset: str) -> tuple[PupilSetting, ...]:
    every = {"smoke": (6, 24), "quick": (6, 24)}.get(preset, (6, 9, 12, 24))
    return settings_of(
        preset, "widths", widths=every, temperatures=(HOT,),
        softened=Schedule(300, 0.5, 300, 0.5, momentum=0.9),
    )  # fmt: skip


def law(setting: PupilSetting, width: int) -> float:
    """The growth law after teaching, a view that lost going on from where its race left it."""
    return setting.taught_coverage(width, setting.taught_at(setting.temperatures[0]))


def expect(setting: PupilSetting, law: Law = law) -> list[Expectation]:
    """Coverage of students of each width; another law serves the calibration."""
    return [
        Expectation.around(
            PANEL, setting.label, width, law(setting, width), setting.rise(),
            setting.called_spread(), most=1.0,
        )
        for width in setting.widths
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    """Less what is due to the initial weights, from which the law says more than in the mean."""
    return [adjusted(measured, after(w), law(measured.setting, w)) for w in measured.setting.widths]


def adjusted(measured: Measured, role: str, mean: float) -> Sample:
    """Coverage by replicate, less what its starts foretold, and the mean of that put in."""
    table = measured.tables["networks"]
    rows = table[table["role"] == role]
    rows = rows.assign(value=rows["coverage"] - rows["foretold"] + mean)
    return Sample.of(means(rows, "value"))


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        mean = study.tables["networks"].groupby("role")["coverage"].mean()
        seen = ", ".join(
            f"{mean[before(w)]:.3f} to {mean[after(w)]:.3f} with {w}" for w in study.setting.widths
        )
        lines.append(
            f"{study.setting.label}: by the neurons of each class students go from {seen}; their "
            f"teachers together know {whole(study.setting):.3f}."
        )
    return lines


def whole(setting: PupilSetting) -> float:
    return float(theory.ensemble(views=setting.data.views, networks=setting.teachers))


_wrong = wrong_by(expect)


STUDENT_WIDTH = Claim(
    name="student-width",
    place=(2, 11),
    title="What distillation transfers rises with the student's width",
    statement=(
        "A view is taught by raising the strongest response to it that the student has at its "
        "start. The largest of m responses grows with m, and the time to raise it falls with its "
        "(q-2)-th power: in the same time of teaching a student of more neurons learns more of "
        "what its teacher knows, by the growth law with the drive of dark knowledge, which is less "
        "for a third view than for a second. All students know one view of a class before."
    ),
    sources=(
        Credit(
            "ours, from {} and Hinton, Vinyals & Dean (2015)", Source("allenzhu2023", "Appendix D")
        ),
    ),
    formulas=("distilled", "single_network"),
    assumptions=(
        "those of the claim temperature, at T = 8, and no noise in the patches of views",
        "so short a teaching that not everything is learned; the teachers' width is the same",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the law, whose numbers are all "
        "taken from the setting: that of correlated-views."
    ),
    change=(
        "Longer teaching, which lets narrow students learn all as well; so few neurons that races "
        "are not over when teaching begins."
    ),
    does_not_show=(
        "that wider students are better whatever the time: after long teaching narrow ones know "
        "as much",
        "widths of teachers, depth, or numbers of parameters: neurons of one layer are varied",
        "that the start's largest response is the reason: other laws that grow as slowly with m "
        "would look the same",
    ),
    panels={PANEL: ("neurons of each class m of the student", "coverage C of the student")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("narrow students learn what wide ones do", lambda s, m: law(s, max(s.widths))),
        _wrong("every student learns all that its teachers know", lambda s, m: whole(s)),
        _wrong("nothing is transferred", lambda s, m: s.taught_coverage(m, s.untaught)),
    ),
    remarks=remarks,
)
