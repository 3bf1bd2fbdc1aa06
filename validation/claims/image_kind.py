"""Claim: networks for images are no lottery of views: their ensembles take noise off."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import ImagesSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "the surer of two networks"
HALF_APART = 0.17
"""About half of what separates the two predictions."""
VIEWS = np.geomspace(1.05, 200, 400)
"""M for which the lottery is fitted."""


def expect(setting: ImagesSetting) -> list[Expectation]:
    return [
        Expectation(
            PANEL, "less the middle of the two", setting.label, -HALF_APART, None, 0.0, 0.03
        )
    ]


def observe(measured: Measured) -> list[Sample]:
    kinds = measured.tables["kinds"].sort_values("replicate")
    middle = (kinds["rescue_of_noise"] + kinds["rescue_of_lottery"]) / 2
    return [Sample.of((kinds["rescue"] - middle).to_numpy())]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        kinds = study.tables["kinds"]
        grown = study.tables["sizes"].groupby("size")["accuracy"].mean()
        decay, lottery = fit_decay(grown.to_numpy()), fit_lottery(grown.to_numpy())
        named = ", ".join(f"{n} {name}" for name, n in kinds["name"].value_counts().items())
        lines.append(
            f"{study.setting.label}: the surer of two is right in "
            f"{100 * kinds['rescue'].mean():.0f} % of the cases, by noise it would be "
            f"{100 * kinds['rescue_of_noise'].mean():.0f} %, in a lottery "
            f"{100 * kinds['rescue_of_lottery'].mean():.0f} %; by replicate {named}. Accuracies of "
            f"1 to {len(grown)} networks lie off a + b/N by {decay:.4f} (root mean square), off "
            f"a - mu (1 - 1/M)^N, fitted with M = {lottery[1]:.2g} and mu = {lottery[2]:.2g}, by "
            f"{lottery[0]:.4f}."
        )
    return lines


def fit_decay(accuracies: NDArray[np.float64]) -> float:
    """Root mean square of what a + b/N, by least squares, leaves of accuracies of 1, 2, ..."""
    return _left(1 / np.arange(1, len(accuracies) + 1), accuracies)[0]


def fit_lottery(accuracies: NDArray[np.float64]) -> tuple[float, float, float]:
    """What a - mu (1 - 1/M)^N leaves, M and mu: one number more is fitted."""
    sizes = np.arange(1, len(accuracies) + 1)
    found = [(*_left((1 - 1 / views) ** sizes, accuracies), views) for views in VIEWS]
    left, slope, views = min(found)
    return left, float(views), -slope


def _left(law: NDArray[np.float64], accuracies: NDArray[np.float64]) -> tuple[float, float]:
    slope, start = np.polyfit(law, accuracies, 1)
    return float(np.sqrt(np.mean((accuracies - start - slope * law) ** 2))), float(slope)


def lottery_of_views(expectation: Expectation, views: int) -> float:
    return HALF_APART


IMAGE_KIND = Claim(
    name="image-kind",
    place=(9, 8),
    title="Networks for images differ by noise more than by the views they know",
    statement=(
        "Where one of two networks is right and the other wrong, the surer one is right about as "
        "often as if they differed by noise alone, and not nearly always, as in a lottery in which "
        "each network knows some views of a class and is sure of them."
    ),
    sources=(
        Credit(
            "ours; that networks on images are such a lottery is the hypothesis of {}",
            Source("allenzhu2023", "section 2"),
        ),
    ),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "the two predictions of `kind_of_ensemble`, which come from the same outputs",
    ),
    margin="Nearer to the prediction for noise than to that for a lottery.",
    change=(
        "Data in which every class has views of its own, each of which is enough: patch networks "
        "on multi-view data (claim votes). Here views are shared by classes, or are not learned "
        "all or nothing."
    ),
    does_not_show=(
        "that there are no views: it tells noise from one lottery in which each network is sure "
        "of the views it knows",
        "how networks differ on images that all of them get right or wrong",
        "larger networks, or the full data sets",
    ),
    panels={PANEL: ("images", "share right, less the middle\nof noise and lottery")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("networks are a lottery of views", truth=lottery_of_views),),
    remarks=remarks,
)
