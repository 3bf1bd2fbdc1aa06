"""Claim: all generations of a chain of students together know what the last one knows."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    TeachingSetting,
    generations_to,
    self_distilled,
    settings,
)
from validation.experiments.teaching.tables import check, coverage_of, ensemble_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

TOGETHER, GAIN = "generations together", "generations together less the last"
Law = Callable[[int, int], float]


def after(views: int, rounds: int) -> float:
    return float(theory.self_distilled(views=views, rounds=rounds))


def expect(setting: TeachingSetting, law: Law = after) -> list[Expectation]:
    """Coverage of generations 0 to R together, and what it gains; another law serves the
    calibration."""
    views, margin = setting.data.views, setting.margin()
    together, gains = [], []
    for rounds in range(1, setting.rounds + 1):
        value, last = law(views, rounds), after(views, rounds)
        finite = value + setting.finite(rounds + 1) - last
        spread = setting.spread(rounds + 1, setting.independent_chains(rounds))
        together.append(
            Expectation.around(
                TOGETHER, setting.label, rounds, value, margin, spread, finite_size=finite
            )
        )
        # Both know the same networks' wins, and are measured on the same chains.
        gains.append(Expectation.around(GAIN, setting.label, rounds, value - last, margin, spread))
    return [*together, *gains]


def observe(measured: Measured) -> list[Sample]:
    rounds = range(1, measured.setting.rounds + 1)
    together = [ensemble_of(measured, generations_to(r), r + 1) for r in rounds]
    last = [coverage_of(measured, self_distilled(r)) for r in rounds]
    gains = [Sample.of(a.values - b.values) for a, b in zip(together, last, strict=True)]
    return [*together, *gains]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        gains = [
            c
            for c in comparisons
            if c.expectation.series == study.setting.label and c.expectation.panel == GAIN
        ]
        seen = ", ".join(f"{c.observed:+.3f}" for c in gains)
        lines.append(
            f"{study.setting.label}: together the generations of a chain know {seen} more than the "
            f"last of them, after 1 to {len(gains)} rounds; as many networks started anew would "
            "know as much as they do."
        )
    return lines


def independent(views: int, rounds: int) -> float:
    """What generations would know together if each had the views of its coverage by itself."""
    missed = 1.0
    for passed in range(rounds + 1):
        missed *= 1 - after(views, passed)
    return 1 - missed


_wrong = wrong_by(expect)


GENERATIONS_TOGETHER = Claim(
    name="generations-together",
    place=(2, 9),
    title="An ensemble of a chain's generations knows what the last student knows",
    statement=(
        "Each student of a chain learns what the one before it knew and adds a view of its own, so "
        "that generations 0 to R, averaged, cover 1 - (1 - 1/M)^(R+1): as the student of round R "
        "alone, and as R + 1 networks that were started anew. An ensemble of born-again networks "
        "is worth its last member."
    ),
    sources=(
        Credit(
            "ours, from {}; ensembles of generations: {}",
            Source("allenzhu2023", "Theorem 4"),
            Source("furlanello2018"),
        ),
    ),
    formulas=("self_distilled", "ensemble"),
    assumptions=("those of the claim repeated-self-distillation",),
    margin=(
        "(1 - 1/M)/(5M), a fifth of what a second network adds, on either side of the formula and "
        "of its value with the coverage that the growth law gives one network here; what the "
        "ensemble gains on its last member within the same."
    ),
    change=(
        "Noise at the test: a view that only the last of many generations knows is a small part of "
        "their average."
    ),
    does_not_show=(
        "that generations are as unlike as networks started anew: coverage alone is compared",
        "chains that are longer, or that start from the weights of the round before",
        "ensembles of generations on images, where networks differ by noise (claim image-kind)",
    ),
    panels={
        TOGETHER: ("rounds R", "coverage C of generations 0 to R"),
        GAIN: ("rounds R", "coverage, together - last (share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("each generation brings its views by itself", independent),
        _wrong(
            "the average is worth the mean generation",
            lambda m, r: sum(after(m, n) for n in range(r + 1)) / (r + 1),
        ),
        _wrong("only the first counts: 1/M", lambda m, r: 1 / m),
        _wrong("one network more than there are", lambda m, r: 1 - (1 - 1 / m) ** (r + 2)),
    ),
    remarks=remarks,
)
