"""Claim: on images the sum of networks, trained as one, gains little on one of them."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.images.setting import (
    ImagesSetting,
    beyond_half,
    check,
    large_gains,
    require,
    said,
    together,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "gain of the sum trained as one"
HALF = 0.5


def expect(setting: ImagesSetting) -> list[Expectation]:
    # By the source nothing; half of the ensemble's gain is where it would be nearer to that.
    spread = setting.spread(2)
    return [
        Expectation(PANEL, "less half of the ensemble's", setting.label, -HALF * setting.gain,
                    None, 0.0, spread)
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    return [beyond_half(measured, together(measured, "joint"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        said(
            study,
            single="one network",
            joint="as many trained as one",
            ensemble="averaged after training",
        )
        for study in measured
    ]


def as_an_ensemble(expectation: Expectation, views: int) -> float:
    """What it would be if the sum gained what the ensemble gains."""
    return -expectation.expected


IMAGE_JOINT = Claim(
    name="image-joint",
    place=(9, 2),
    title="On images networks trained as one gain little on one of them",
    statement=(
        "The sum of networks, trained as one, gains less than half of what the average of networks "
        "trained apart gains: the ensemble's gain is not that of a larger network."
    ),
    sources=(Credit("{}, messages 4 to 7", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "convolutional networks trained until they fit their images",
        "as many networks, of the same size, by the same recipe",
    ),
    margin=(
        "By the source the sum gains about nothing. It is said to be like one network, not like "
        "the ensemble, if it gains less than half of what the ensemble gains."
    ),
    change=(
        "Features that are not learned: there the sum gains more than the ensemble (claims "
        "random-features and image-features). Networks too small for their images: it fails in the "
        "preset standard, where ten networks of width 8 trained as one gain two thirds of what "
        "their ensemble gains on coarse CIFAR-100. On MNIST the sum is worse than one network; on "
        "Fashion-MNIST too, which is not judged, because its ensemble gains too little."
    ),
    does_not_show=(
        "that a sum equals one network: less than half of the ensemble's gain is all that is said",
        "sums of networks that fit their images easily, or trained longer: one size and one "
        "recipe are tried",
        "on real images, the sign: in the preset standard it fails",
    ),
    panels={PANEL: ("images", "gain on one network,\nless half of the ensemble's")},
    settings=large_gains,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("training the sum as one gains what the ensemble gains", truth=as_an_ensemble),),
    remarks=remarks,
)
