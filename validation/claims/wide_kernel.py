"""Claim: on digits a wide network keeps the kernel of its start, and starts do not matter."""

from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.wide.setting import WideSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "power of the width"
PLACES = {
    "change": "one, before and after",
    "before": "two, before",
    "after": "two, after",
}
MARGIN = 0.25
"""Half of what tells a fall with 1/m from one with its root."""
SPREAD = 0.08
"""Of the power in a replicate, between widths three doublings apart: of a mean over six pairs of
kernels, which differ in many directions; pilots of other seeds had .05. For the power analysis
alone."""
Law = Callable[[str], float]
"""The power of 1/m with which each difference falls."""


def inverse(quantity: str) -> float:
    return 1.0


def expect(setting: WideSetting, law: Law = inverse) -> list[Expectation]:
    """Powers between the narrowest and the widest; another law serves the calibration."""
    # Doublings are what a power is measured by: the more, the surer.
    spread = SPREAD * 3 / setting.doublings
    return [
        Expectation.around(PANEL, setting.label, place, law(quantity), MARGIN, spread)
        for quantity, place in PLACES.items()
    ]


def observe(measured: Measured) -> list[Sample]:
    setting: WideSetting = measured.setting
    table = measured.tables["kernels"]
    found = []
    for quantity in PLACES:
        by_width = table.pivot(index="replicate", columns="width", values=quantity)
        first, last = (by_width[m].to_numpy() for m in (setting.widths[0], setting.widths[-1]))
        found.append(Sample.of(np.log2(first / last) / setting.doublings))
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        mean = study.tables["kernels"].groupby("width")[list(PLACES)].mean()
        lines += [
            f"{study.setting.label}, m = {m}: training changes a kernel by {row['change']:.2%}; "
            f"the cosine of two is {1 - row['before']:.4f} before and {1 - row['after']:.4f} after."
            for m, row in mean.iterrows()
        ]
    return lines


_wrong = wrong_by(expect)
WIDE_KERNEL = Claim(
    name="wide-kernel",
    place=(5, 12),
    title="On digits wide networks keep the kernel of their start, whatever the start",
    statement=(
        "Perceptrons whose outputs are scaled by the root of their width m do not learn their "
        "features: on digits training changes the kernel of gradients by a share that falls with "
        "1/m, and kernels of two starts differ by 1/m in their cosine, after training as before "
        "it. This is what networks that learn views do not do (claim learned-kernel): there the "
        "kernel becomes that of the views that won, which the start decides."
    ),
    sources=(
        Credit(
            "{}, for the order of the change; between starts: the law of large numbers",
            Source("dyer2020", "on the evolution of the kernel"),
        ),
    ),
    formulas=(),
    assumptions=(
        "one hidden layer of smooth neurons, outputs scaled by m^(-1/2), squared error",
        "as much training at every width, until the samples are classified rightly",
    ),
    margin=(
        "Powers of 1/m within .25 of 1: half of what tells 1/m from its root, which is the order "
        "that is proved for the change of deep networks and often said to be its size."
    ),
    change=(
        "Small networks, in which higher powers of 1/m count; outputs scaled by 1/m, with which "
        "features are learned at every width. ReLUs: of m gates about m^(1/2) turn, to either "
        "side, and the kernel changes by m^(-3/4); in pilots the power was .84."
    ),
    does_not_show=(
        "that digits have no views: the scale of outputs decides, not the data",
        "that accuracy is that of the kernel",
        "networks of several layers, for which the same order is conjectured",
    ),
    panels={PANEL: ("networks whose kernels are compared", "power of 1/m")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the change falls with the root of the width", lambda q: 0.5),
        _wrong("the width does not matter", lambda q: 0.0),
        _wrong("training makes starts matter at every width", lambda q: float(q == "before")),
    ),
    remarks=remarks,
)
