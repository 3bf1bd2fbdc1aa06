"""Claim: ten networks know what a hundred know; the gain of an ensemble saturates."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.claims.single_view import error_of
from validation.experiments.lottery.setting import LotterySetting, check, guess_spread, require
from validation.experiments.lottery.small import small_lottery
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

COVERAGE, ERROR = "coverage gained", "test error lost"
FEW, MANY = 10, 100
STEPS = ((1, FEW), (FEW, MANY))

Missed = Callable[[int, int], float]
"""Share of the views that N networks miss, from (M, N)."""


def missed(views: int, networks: int) -> float:
    return 1 - float(theory.ensemble(views=views, networks=networks))


def settings(preset: str) -> tuple[LotterySetting, ...]:
    """Settings of a preset.

    Memory of training noise outvotes the one network of ten that knows a view, the sooner the more
    views there are: of four views and five classes in 120 dimensions ten networks have learned
    .970, as the growth law has it, and show .912; in 240 they show .964. So there are 220 for
    these, as many as ten classes have in the claim ensemble-coverage.
    """
    size = {"quick": "careful"}.get(preset, preset)
    views = {"smoke": (2,), "quick": (3,), "standard": (2, 3, 4), "full": (2, 3, 4)}[preset]
    return tuple(
        small_lottery(
            size,
            "1 to 100 networks",
            count,
            MANY,
            noise_dimensions=40 if (size, count) == ("standard", 4) else 20,
            sizes=(1, FEW, MANY),
        )
        for count in views
    )


def expect(setting: LotterySetting, missed: Missed = missed) -> list[Expectation]:
    """Gains of coverage, then losses of test error, over the steps of `STEPS`."""
    views, data = setting.data.views, setting.data
    known = setting.finite_size_coverage()
    near_ties = (1 - known) / (1 - 1 / views)
    # Carried to the test error: what is not known of single-view samples is guessed.
    scale = error_of(0.0, data.single_view_fraction, data.classes)
    gains, finite, noise = [], [], []
    for fewer, more in STEPS:
        gains.append(missed(views, fewer) - missed(views, more))
        finite.append(
            missed(views, fewer) * near_ties**fewer - missed(views, more) * near_ties**more
        )
        noise.append(math.hypot(*(setting.coverage_spread(size) for size in (fewer, more))))
    margin = gains[0] / 10
    expectations = []
    for panel, unit in ((COVERAGE, 1.0), (ERROR, scale)):
        for (fewer, more), gain, at_finite, spread in zip(STEPS, gains, finite, noise, strict=True):
            room = margin if fewer == 1 else margin / 2
            low, high = min(gain, at_finite) - room, max(gain, at_finite) + room
            items = guess_spread(setting) if panel == COVERAGE else _guesses(setting)
            expectations.append(
                Expectation(
                    panel, setting.label, f"from {fewer} to {more}", unit * gain, unit * low,
                    unit * high, unit * math.hypot(spread, items * math.sqrt(abs(at_finite))),
                    None, unit * at_finite,
                )
            )  # fmt: skip
    return expectations


def _guesses(setting: LotterySetting) -> float:
    """As `guess_spread` for single-view test samples, in units of their share of all samples."""
    return guess_spread(setting, setting.data.single_view_fraction * setting.test_samples)


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["ensembles"]
    samples = []
    for quantity, sign in (("coverage", 1), ("test_error", -1)):
        by_size = sign * table.pivot(index="replicate", columns="size", values=quantity)
        samples += [Sample.of((by_size[more] - by_size[fewer]).to_numpy()) for fewer, more in STEPS]
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        own = [c for c in comparisons if c.expectation.series == study.setting.label]
        first, second, _, error = own
        lines.append(
            f"{study.setting.label}: the step from {FEW} to {MANY} networks adds "
            f"{second.observed:+.4f} to the coverage, {second.observed / first.observed:.1%} of "
            f"what the first ten added, and takes {error.observed:+.5f} off the test error."
        )
    return lines


_wrong = wrong_by(expect)


SATURATION = Claim(
    name="saturation",
    place=(3, 1),
    title="Ten networks know nearly all that a hundred know",
    statement=(
        "The gain of an ensemble saturates geometrically: from 1 to N networks the coverage grows "
        "by (1 - 1/M) - (1 - 1/M)^N, so that nearly all is gained with the first ten and next to "
        "nothing by ninety more; the test error falls accordingly."
    ),
    sources=(
        Credit(
            "{} (no further gain beyond about ten networks); for M > 2: ours",
            Source("allenzhu2023", "Theorem 2 and Section 1"),
        ),
    ),
    formulas=("ensemble", "test_error", "networks_for_coverage"),
    assumptions=(
        "those of the claim ensemble-coverage",
        "few views: at M = 30 ten networks cover no more than 29 % and a hundred 97 %",
    ),
    margin=(
        "The first gain may differ by a tenth of itself from the range between the asymptotic "
        "formula and the one with the coverage that the growth law gives a single network; the "
        "second by a twentieth of the first: who trains ten times as many networks would want "
        "more than that. For the test error, the same carried through its formula."
    ),
    change=(
        "Many views, networks that share biases (claim shared-bias), or single networks that "
        "differ in more than the views they know."
    ),
    does_not_show=(
        "that ten networks suffice elsewhere: it says so of few views, M = 3 and in the preset "
        "standard up to 4",
        "a geometric law between ten and a hundred networks: two gains are judged, not the curve",
        "saturation where networks differ by noise, whose gain falls with 1/N (claim image-kind)",
    ),
    panels={
        COVERAGE: ("number of networks", "gain of coverage C"),
        ERROR: ("number of networks", "loss of test error"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("averaging of noise: error as 1/sqrt(N)", lambda m, n: (1 - 1 / m) / math.sqrt(n)),
        _wrong("N - 1 in place of N", lambda m, n: (1 - 1 / m) ** (n - 1)),
        _wrong("logarithmic gain", lambda m, n: (1 - 1 / m) * (1 - math.log10(n) / 2)),
        _wrong("without replacement: N/M", lambda m, n: max(0.0, 1 - n / m) + 1 / (n * m)),
        _wrong("M^2 views", lambda m, n: (1 - 1 / m**2) ** n),
        _wrong("no gain at all", lambda m, n: 1 - 1 / m),
    ),
    remarks=remarks,
)
