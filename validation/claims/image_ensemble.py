"""Claim: on images an ensemble is better than the best of its networks."""

from collections.abc import Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    alone,
    best,
    check,
    require,
    settings,
    together,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "what an ensemble gains"
LEAST = 0.01
"""Of accuracy: less would not be worth the price of the other networks."""
MEAN, BEST = "than their mean", "than the best of them"


def expect(setting: ImagesSetting) -> list[Expectation]:
    # The best of ten lies 1.5 deviations above their mean.
    above = setting.gain - 1.5 * setting.gain / 8
    return [
        Expectation(
            PANEL, MEAN, setting.label, setting.gain, LEAST, None, setting.spread(setting.members)
        ),
        Expectation(PANEL, BEST, setting.label, above, 0.0, None, setting.spread(4)),
    ]


def observe(measured: Measured) -> list[Sample]:
    ensemble = together(measured, "ensemble")
    return [Sample.of(ensemble - alone(measured, "single")), Sample.of(ensemble - best(measured))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["networks"]
        single = table[table["kind"] == "single"].groupby("replicate")["accuracy"]
        sizes = study.tables["sizes"].groupby("size")["accuracy"].mean()
        lines.append(
            f"{study.setting.label}: one network {alone(study, 'single').mean():.4f} with a "
            f"deviation of {float(np.sqrt((single.std() ** 2).mean())):.4f} between networks, the "
            f"best of {study.setting.members} {best(study).mean():.4f}; ensembles of "
            + ", ".join(f"{size} {value:.4f}" for size, value in sizes.items() if size > 1)
            + "."
        )
    return lines


def opposite(expectation: Expectation, views: int) -> float:
    """What it would be if networks spoilt each other's answers."""
    return -expectation.expected


IMAGE_ENSEMBLE = Claim(
    name="image-ensemble",
    place=(9, 1),
    title="On images an ensemble beats the best of its networks",
    statement=(
        "The average of the probabilities of networks that differ in their starts and the order of "
        "their samples alone is more accurate than they are, and than the best of them: what it "
        "gains is not explained by how much the accuracies of networks vary."
    ),
    sources=(Credit("{}, messages 4 to 7", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "one architecture, one recipe, one training set",
    ),
    margin=(
        "An ensemble gains if its accuracy is a hundredth above the mean of its networks, and is "
        "above that of the best of them, which the test images themselves picked."
    ),
    change=(
        "Networks that know all there is to know, or nothing; a test set so easy that nothing is "
        "left to gain."
    ),
    does_not_show=(
        "why: views, noise in training or calibration would all make an average better (claim "
        "image-kind)",
        "a gain on large networks and full data sets: networks are small, images few",
        "that it beats one network of as many parameters",
    ),
    panels={PANEL: ("images", "accuracy of the ensemble,\nless that of its networks")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("an ensemble is worse than its networks", truth=opposite),),
    remarks=remarks,
)
