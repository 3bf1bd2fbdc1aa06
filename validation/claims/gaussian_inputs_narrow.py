"""Claim, refuted: narrow networks with two hidden layers gain nothing either."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.claims.gaussian_inputs import NOTICEABLE
from validation.experiments.gaussian_inputs.setting import (
    GaussianSetting,
    Learner,
    check,
    narrow,
    require,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

WIDTH, SAMPLES = "width", "training samples"


def places(setting: GaussianSetting) -> list[tuple[str, float, int, Learner]]:
    """Panel, x, index of the problem and learner of every comparison.

    Against width at the most usual number of samples, and against samples at the narrow width
    that was trained on several.
    """
    first = setting.learners[0]
    widths = [own for own in setting.learners if own.samples == first.samples]
    several = setting.learners[-1].hidden
    counts = sorted(
        (own for own in setting.learners if own.hidden == several), key=lambda own: own.samples
    )
    return [
        (panel, float(x), index, own)
        for index in range(len(setting.problems))
        for panel, learners in ((WIDTH, widths), (SAMPLES, counts))
        for own in learners
        for x in (own.hidden[0] if panel == WIDTH else own.samples,)
    ]


def expect(
    setting: GaussianSetting, gain: float = 0.0, low: float | None = None
) -> list[Expectation]:
    return [
        Expectation(
            panel, setting.problems[index].function, x, gain, low,
            NOTICEABLE if low is None else None, setting.spread(),
        )
        for panel, x, index, _ in places(setting)
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["gains"]
    samples = []
    for _, _, index, own in places(measured.setting):
        rows = table[(table["problem"] == index) & (table["samples"] == own.samples)]
        rows = rows[[tuple(hidden) == own.hidden for hidden in rows["hidden"]]]
        samples.append(Sample.of(rows.set_index("replicate")["gain"].to_numpy()))
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for name in dict.fromkeys(c.expectation.series for c in comparisons):
        for panel in (WIDTH, SAMPLES):
            own = [
                c
                for c in comparisons
                if c.expectation.series == name and c.expectation.panel == panel
            ]
            lines.append(
                f"{name}: gain at {panel} "
                + ", ".join(f"{c.expectation.x:g}: {c.observed:.4f}" for c in own)
                + "."
            )
    return lines


GAUSSIAN_INPUTS_NARROW = Claim(
    name="gaussian-inputs-narrow",
    place=(5, 5),
    title="On Gaussian inputs an ensemble of narrow networks is no better than one of them",
    statement=(
        "What gaussian-inputs says holds of networks with two hidden layers of any width and for "
        "any number of training samples."
    ),
    sources=(
        Credit("{}, whose statement names neither width nor samples", Source("allenzhu2023")),
    ),
    formulas=(),
    assumptions=("Gaussian inputs, all of them kept, and clean labels",),
    margin="As in gaussian-inputs: a gain is noticeable from one percentage point.",
    change="Wider networks: the gain falls with the width.",
    does_not_show=(
        "were it to hold, that depth is of no matter: two hidden layers are trained, not more",
        "other labels than those of a random network, or ensembles of more than ten",
    ),
    panels={
        WIDTH: ("width of the two hidden layers", "gain in test accuracy\n(share of samples)"),
        SAMPLES: ("training samples", "gain in test accuracy\n(share of samples)"),
    },
    settings=narrow,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("an ensemble gains two percentage points", truth=lambda e, views: 2 * NOTICEABLE),
        Wrong("an ensemble halves an error of one tenth", truth=lambda e, views: 0.05),
    ),
    remarks=remarks,
    refuted=(
        "Narrow networks that start differently end as different functions, whatever the data, and "
        "averaging ten of them takes that variance away: a matter of capacity, not of views. The "
        "gain falls with the width, slowly, and hardly with the number of samples. The statement "
        "holds where networks are wide for the problem: from about 100 neurons in each of two "
        "hidden layers, or one layer of 128 (claim gaussian-inputs)."
    ),
)
