"""Claim: a student learns what its teacher covers, however that was put together."""

from collections.abc import Callable, Sequence

from mvtheory.references import Credit, Source
from validation.experiments.pupils.setting import (
    BOOSTED,
    OWN,
    RESAMPLED,
    PupilSetting,
    after,
    check,
    require,
)
from validation.experiments.pupils.setting import settings as settings_of
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, means, wrong_by

TAUGHT, TEACHERS = "coverage of the student", "coverage of its teacher"
KINDS = ((OWN, 3), (RESAMPLED, 3), (BOOSTED, 2))
Law = Callable[[PupilSetting, str, int], float]


def settings(preset: str) -> tuple[PupilSetting, ...]:
    if preset == "quick":  # boosted teachers take long, and their coverage many of them
        return ()
    (first, *_) = settings_of(preset, "teachers", kinds=KINDS, students=3)
    return (first,)


def students_know(setting: PupilSetting, kind: str, members: int) -> float:
    return setting.of_assembled(kind, members)


def expect(setting: PupilSetting, law: Law = students_know) -> list[Expectation]:
    """Coverage of teachers and students; another law for the students serves the calibration."""
    margin, expectations = setting.rise(), []
    for panel, of, here in (
        (TEACHERS, setting.assembled, setting.assembled),
        (TAUGHT, lambda kind, members: law(setting, kind, members), setting.of_assembled),
    ):
        for kind, members in setting.kinds:
            value = of(kind, members)
            right = setting.assembled if panel == TEACHERS else setting.of_assembled
            finite = value + here(kind, members, True) - right(kind, members)
            spread = setting.spread_of(right(kind, members, True))
            expectations.append(
                Expectation.around(
                    panel, setting.label, kind, value, margin, spread, finite_size=finite, most=1.0
                )
            )
    return expectations


def observe(measured: Measured) -> list[Sample]:
    ensembles, networks = measured.tables["ensembles"], measured.tables["networks"]
    kinds = [kind for kind, _ in measured.setting.kinds]
    told = [means(ensembles[ensembles["role"] == kind], "coverage") for kind in kinds]
    learned = [means(networks[networks["role"] == after(kind)], "coverage") for kind in kinds]
    return [Sample.of(values.clip(0, 1)) for values in (*told, *learned)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        told, learned = (
            [c for c in comparisons
             if c.expectation.series == study.setting.label and c.expectation.panel == panel]
            for panel in (TEACHERS, TAUGHT)
        )  # fmt: skip
        seen = ", ".join(
            f"{a.expectation.x} {a.observed:.3f} and {b.observed:.3f}"
            for a, b in zip(told, learned, strict=True)
        )
        lines.append(f"{study.setting.label}: teachers and students cover: {seen}.")
    return lines


_wrong = wrong_by(expect)


ASSEMBLED_TEACHERS = Claim(
    name="assembled-teachers",
    place=(2, 13),
    title="What a teacher covers distils, however it was put together",
    statement=(
        "A student of any teacher that covers a share C of the views covers C + (1 - C)/M: it "
        "learns them and keeps its own. So an ensemble of starts distils 1 - (1 - 1/M)^N, bagged "
        "networks of one start hardly more than one of them, and two boosted networks, the second "
        "of which learned the views of the samples that the first got wrong, nearly all views."
    ),
    sources=(
        Credit(
            "{}, for ensembles of starts; other teachers: ours",
            Source("allenzhu2023", "section 1 and Theorem 3"),
        ),
    ),
    formulas=("taught", "distilled"),
    assumptions=(
        "those of the claims ensemble-distillation and boosting-and-bagging",
        "two training samples of each view alone, and little noise to memorise them by",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the formula and of its value "
        "with near-ties and with views whose samples are all guessed by the first of two boosted "
        "networks."
    ),
    change="What changes ensemble-distillation: weak distractors tell nothing of any teacher.",
    does_not_show=(
        "that students of two kinds of teachers know the same views: shares are judged",
        "other ways of boosting and bagging, or more than two boosted networks",
        "teachers whose coverage comes with wrong answers, which students would learn too",
    ),
    panels={
        TEACHERS: ("how the teacher is built", "coverage C of the teacher"),
        TAUGHT: ("how the teacher is built", "coverage C of the student"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong(
            "only ensembles of starts distil",
            lambda s, kind, n: s.of_assembled(kind, n) if kind == OWN else 1 / s.data.views,
        ),
        _wrong(
            "boosted networks distil like one",
            lambda s, kind, n: (
                1 - (1 - 1 / s.data.views) ** 2 if kind == BOOSTED else s.of_assembled(kind, n)
            ),
        ),
        _wrong("students lose their own view", lambda s, kind, n: s.assembled(kind, n)),
        _wrong("nothing distils", lambda s, kind, n: 1 / s.data.views),
    ),
    remarks=remarks,
)
