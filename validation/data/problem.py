"""Problems of images: how many of which images networks are trained on and asked about."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from validation.data.classes import Labelled
from validation.data.digits import DIGITS as COUNT
from validation.data.digits import split_digits
from validation.data.drawn import DrawnFigures
from validation.data.folder import load
from validation.data.images import ImageSet, as_channels_first

DRAWN, DIGITS = "drawn figures", "digits"
PRESENCE = 0.4, 0.4, 0.4
"""Of the views of drawn figures: 65 in 100 show one view alone, 29 two and 6 all three."""
COARSE = ", coarse"
"""Ends the name of CIFAR-100 where its 20 superclasses are the labels."""
CLASSES = {"cifar-100": 100, f"cifar-100{COARSE}": 20}
"""Of data sets that have not ten."""
GREY = (DIGITS, "fashion-mnist", "mnist")
"""Data sets whose images have one channel, not three."""


class DrawnProblem(NamedTuple):
    """What one replicate has of a problem.

    Attributes
    ----------
    training, test : Labelled
        Channels first, standardised by the training images.
    checksums : str
        "NAME MD5" of each file that was read, separated by commas; empty where none was.
    """

    training: Labelled
    test: Labelled
    checksums: str


@dataclass(frozen=True, kw_only=True)
class ImageProblem:
    """A problem is a data set by name, at a size, of which each replicate draws its own samples.

    Parameters
    ----------
    source : str
        "drawn figures", of which each image shows some of three views; "digits", scikit-learn's of
        8 x 8 pixels; or a data set that `validation.data.load` reads from the folder that the
        environment variable MVTHEORY_DATA names; "cifar-100, coarse" has 20 classes.
    size : int
        Height and width in pixels, of smaller images than the source's the mean of blocks.
    training_samples, test_samples : int
        Drawn without replacement from the published training and test images; of digits from all.
    noise : float
        Of drawn figures alone, in parts of full brightness; see `DrawnFigures`.
    """

    source: str
    size: int
    training_samples: int
    test_samples: int
    noise: float = 0.1

    @property
    def classes(self) -> int:
        return CLASSES.get(self.source, 10)

    @property
    def channels(self) -> int:
        return 1 if self.source in GREY else 3

    @property
    def files(self) -> bool:
        """Whether it lies in files that are the user's to bring."""
        return self.source not in (DRAWN, DIGITS)

    def read(self) -> ImageSet:
        """All images of a source that lies in files.

        Raises
        ------
        ValueError
            If the files are not there or not what they should be.
        """
        name = self.source.removesuffix(COARSE)
        return load(name, coarse=self.source.endswith(COARSE))

    def sample(self, seed: np.random.SeedSequence) -> DrawnProblem:
        """Training and test images of one draw.

        Raises
        ------
        ValueError
            If the source has fewer images, or its files are not there or not what they should be.
        """
        rng = np.random.default_rng(seed)
        number = int(seed.generate_state(1)[0])
        if self.source == DIGITS:
            unused = COUNT - self.training_samples - self.test_samples
            split = split_digits(self.training_samples, unused, number)
            return DrawnProblem(_square(split.training), _square(split.test), "")
        if self.source == DRAWN:
            figures = DrawnFigures(presence=PRESENCE, size=self.size, noise=self.noise)
            images = figures.draw(self.training_samples, self.test_samples, number)
            return DrawnProblem(*as_channels_first(images), "")
        images = self.read()
        chosen = {}
        for part, wanted in (("training", self.training_samples), ("test", self.test_samples)):
            have = getattr(images, part)
            if wanted > len(have.labels):
                raise ValueError(
                    f"{part}_samples={wanted} is not allowed for {self.source} (at most "
                    f"{len(have.labels)}, its images); ask for fewer"
                )
            chosen[part] = have.take(rng.permutation(len(have.labels))[:wanted])
        small = self.size if self.size < images.training.pixels.shape[1] else None
        parts = as_channels_first(replace(images, **chosen), small)
        sums = ", ".join(f"{name} {value}" for name, value in images.checksums.items())
        return DrawnProblem(*parts, sums)


def _square(digits: Labelled) -> Labelled:
    """Rows of pixels as images of one channel."""
    return Labelled(digits.inputs.reshape(-1, 1, 8, 8), digits.labels)
