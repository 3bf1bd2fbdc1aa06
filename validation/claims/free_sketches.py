"""Claim: ridge on free sketches follows the S-transform of the sketch."""

from collections.abc import Mapping, Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.sketches.setting import (
    FREEDOM,
    GAUSSIAN,
    KINDS,
    NONE,
    ORTHOGONAL,
    SketchSetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

FREED, ONE, AVERAGE = "degrees of freedom", "risk of one", "risk of an average of two"
COLUMNS = {FREED: "share", ONE: "one", AVERAGE: "average"}
MARGIN = 0.02
"""Relative: what is beyond an equivalent is of the order 1/p and 1/q, and q is 50 at least."""


def expect(
    setting: SketchSetting, laws: Mapping[str, str] | None = None, models: int | None = None
) -> list[Expectation]:
    """Predictions; other laws than a kind's own, or other averages, serve the calibration."""
    found = []
    for kind in KINDS:
        law = (laws or {}).get(kind, kind)
        series = f"{kind}, {setting.columns} columns"
        for ridge in setting.ridges:
            share = setting.share(law, ridge)
            spread = float(np.hypot(setting.spread(kind) * share, FREEDOM / setting.size))
            one = setting.risk(law, ridge, 1)
            average = setting.risk(law, ridge, models or setting.models)
            for panel, value, deviation in (
                (FREED, share, spread),
                (ONE, one, setting.spread(kind) * one),
                (AVERAGE, average, setting.spread(kind) * average),
            ):
                found.append(
                    Expectation.around(panel, series, ridge, value, MARGIN * value, deviation)
                )
    return found


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["sketches"]
    found = []
    for kind in KINDS:
        for ridge in measured.setting.ridges:
            own = table[(table["kind"] == kind) & (table["ridge"] == ridge)]
            rows = own.sort_values("replicate", kind="stable")
            found += [Sample.of(rows[column].to_numpy()) for column in COLUMNS.values()]
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for panel in COLUMNS:
        own = [c for c in comparisons if c.expectation.panel == panel]
        worst = max(own, key=lambda c: abs(c.difference) / c.expectation.predicted)
        e = worst.expectation
        lines.append(
            f"{panel}: at most {abs(worst.difference) / e.predicted:.1%} from the law, "
            f"{e.series}, ridge {e.x:g}."
        )
    return lines


FREE_SKETCHES = Claim(
    name="free-sketches",
    place=(5, 7),
    title="Ridge regression on a sketch of its inputs follows the S-transform of the sketch",
    statement=(
        "Ridge regression on T'x in place of x, T a sketch that is free of the data, keeps the "
        "degrees of freedom of ridge regression on x with the ridge k that solves "
        "k (1 - df1(k)/n) = ridge S(-df1(k)/p), S the S-transform of the law of T T'; its risk is "
        "that of the latter and a variance that an average of N sketches has over N. For Gaussian "
        "and orthogonal sketches and for CountSketch, whose law is that of Poisson counts."
    ),
    sources=(
        Credit("{0}, arXiv {0.entry[eprint]}", Source("patil2024", "Section 3 and Theorem 2")),
        Credit("{} for the samples; the variance over draws of the data: ours", Source("bach2024")),
    ),
    formulas=(),
    assumptions=(
        "inputs whose covariance has no axes in common with the sketch: they are turned at random",
        "Gaussian inputs, n = p = 400, sketches of 100 and of 50 columns",
        "risks are means over targets without preferred direction and over the noise",
    ),
    margin=(
        "2 % of each number, either way: equivalents leave out terms of the order 1/p and 1/q, "
        "which is 1/50 at most."
    ),
    change=(
        "Fewer columns, or sketches that know the axes of the covariance, as a CountSketch of "
        "inputs that are not turned does."
    ),
    does_not_show=(
        "sketches that are drawn for the data, such as leading components",
        "inputs with heavy tails or dependent samples",
        "freeness itself: other moments than those of the fits are not compared",
    ),
    panels={
        FREED: ("ridge", "degrees of freedom over p"),
        ONE: ("ridge", "excess risk (squared labels)"),
        AVERAGE: ("ridge", "excess risk (squared labels)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "a sketch changes nothing",
            lambda setting: expect(setting, dict.fromkeys(KINDS, NONE)),
        ),
        Wrong(
            "every sketch is as a Gaussian one",
            lambda setting: expect(setting, dict.fromkeys(KINDS, GAUSSIAN)),
        ),
        Wrong(
            "every sketch is as an orthogonal one",
            lambda setting: expect(setting, dict.fromkeys(KINDS, ORTHOGONAL)),
        ),
        Wrong("an average is no better than one", lambda setting: expect(setting, models=1)),
        Wrong(
            "an average is worth as many sketches as it has, squared",
            lambda setting: expect(setting, models=setting.models**2),
        ),
    ),
    remarks=remarks,
)
