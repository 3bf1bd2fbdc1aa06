"""Claim: images moved by chance show other views; one network gains, an ensemble gains less."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    alone,
    check,
    large_gains,
    require,
    together,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "moving images by chance"
ONE, ENSEMBLE = "gain of one network", "change of the ensemble's gain"
CENTRED = ("fashion-mnist",)
"""Images that fill their frame, all laid out alike: moved, they show nothing that they did not
show. Digits do not: their strokes lie elsewhere in every one."""


def settings(preset: str) -> tuple[ImagesSetting, ...]:
    return tuple(s for s in large_gains(preset) if s.problem.source not in CENTRED)


def expect(setting: ImagesSetting) -> list[Expectation]:
    spread = setting.spread(setting.augmented)
    return [
        Expectation(PANEL, ONE, setting.label, setting.gain / 2, 0.0, None, spread),
        Expectation(PANEL, ENSEMBLE, setting.label, -setting.gain / 4, None, 0.0, spread),
    ]


def observe(measured: Measured) -> list[Sample]:
    moved, still = alone(measured, "augmented"), alone(measured, "single")
    gain = together(measured, "augmented") - moved
    return [Sample.of(moved - still), Sample.of(gain - (as_many(measured) - still))]


def as_many(measured: Measured) -> NDArray[np.float64]:
    """Mean accuracy of ensembles of as many networks that saw images as they are."""
    table = measured.tables["sizes"]
    chosen = table[table["size"] == measured.setting.augmented]
    return chosen.sort_values("replicate")["accuracy"].to_numpy()


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}, moved by up to {study.setting.shift} pixels: one network "
        f"{alone(study, 'augmented').mean():.4f}, {study.setting.augmented} together "
        f"{together(study, 'augmented').mean():.4f}; of images as they are "
        f"{alone(study, 'single').mean():.4f} and {as_many(study).mean():.4f}."
        for study in measured
    ]


def opposite(expectation: Expectation, views: int) -> float:
    """What it would be if moved images only made the task harder."""
    return -expectation.expected


IMAGE_AUGMENTATION = Claim(
    name="image-augmentation",
    place=(9, 7),
    title="Where moving images shows other views, one network gains and an ensemble gains less",
    statement=(
        "Networks trained on images that are moved by chance are more accurate than networks "
        "trained on images as they are, and an ensemble of them gains less on one of them: what "
        "they see beyond the images is some of what the others of an ensemble know."
    ),
    sources=(Credit("after a remark of the authors of {}", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "images of which a part shows a view that the whole hides",
        "networks trained until they fit their images",
    ),
    margin="One network gains at all, and what an ensemble gains falls at all.",
    change=(
        "Images that fill their frame and are laid out alike, such as Fashion-MNIST's: moved, they "
        "only make the task harder. Networks trained for too few epochs to fit what they see."
    ),
    does_not_show=(
        "that what one network gains is what the ensemble loses: both signs are judged, not their "
        "sizes",
        "other augmentations: images are shifted only, as far as one setting says",
        "that moved images show other views: a larger training set would do the same to both",
    ),
    panels={PANEL: ("images", "accuracy on moved images,\nless that on images as they are")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("moved images make one network worse", truth=opposite),),
    remarks=remarks,
)
