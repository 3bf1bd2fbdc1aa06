"""Sets of labelled images, kept as bytes, and what networks are given of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from validation.data.classes import Labelled

BLOCK = 2000
"""Images at a time where doubles are made of them."""


class Images(NamedTuple):
    """Images and their labels.

    Attributes
    ----------
    pixels : uint8 array, shape (images, height, width, channels)
    labels : int64 array, shape (images,)
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def take(self, which: Any) -> "Images":
        """Those that a slice, indices or booleans choose."""
        return Images(self.pixels[which], self.labels[which])


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """Images to train on and to test with.

    Attributes
    ----------
    name : str
    training, test : Images
        Of the same height, width and channels.
    classes : tuple of str
        The name of each label.
    checksums : mapping of str to str
        MD5 of each file that was read, as it lay on the disk; for the record, never demanded.
    """

    name: str
    training: Images
    test: Images
    classes: tuple[str, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)


def as_rows(images: ImageSet, size: int | None = None) -> tuple[Labelled, Labelled]:
    """Training and test images as rows of numbers, for perceptrons.

    As `as_channels_first`, every image laid out as one row: channel by channel, line by line.

    Returns
    -------
    training, test : Labelled
        Inputs of shape (images, channels * height * width).
    """
    training, test = as_channels_first(images, size)
    return (
        Labelled(training.inputs.reshape(len(training.inputs), -1), training.labels),
        Labelled(test.inputs.reshape(len(test.inputs), -1), test.labels),
    )


def as_channels_first(images: ImageSet, size: int | None = None) -> tuple[Labelled, Labelled]:
    """Training and test images standardised, for convolutional networks.

    Every channel has mean 0 and variance 1 over the training images; the test images are moved and
    scaled by the same numbers.

    Parameters
    ----------
    images : ImageSet
    size : int, optional
        Height and width to which `block_mean` brings the images before; None leaves them.

    Returns
    -------
    training, test : Labelled
        Inputs, float32 of shape (images, channels, height, width).

    Raises
    ------
    ValueError
        For a channel that has one value in all training images, or a size out of range.

    Examples
    --------
    >>> pixels = np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3)
    >>> part = Images(pixels, np.array([0, 1]))
    >>> training, test = as_channels_first(
    ...     ImageSet(name="two", training=part, test=part, classes=("a", "b")), size=2
    ... )
    >>> training.inputs.shape, bool(abs(training.inputs.mean(axis=(0, 2, 3))).max() < 1e-6)
    ((2, 3, 2, 2), True)
    """
    parts = [images.training, images.test]
    values = [part.pixels if size is None else block_mean(part.pixels, size) for part in parts]
    mean, deviation = _moments(values[0])
    if not deviation.all():
        raise ValueError(
            f"channel {int(deviation.argmin())} of {images.name} is the same number in every "
            "training image (it must vary to be standardised); leave this channel out"
        )
    first, second = (
        Labelled(_standardised(value, mean, deviation), part.labels)
        for value, part in zip(values, parts, strict=True)
    )
    return first, second


def block_mean(pixels: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """Images made smaller: every new pixel is the mean over the area that it covers.

    Where the size divides height and width these are means over blocks of whole pixels; otherwise
    pixels on a border count to either side by the share of their area. The means are not rounded
    to bytes.

    Parameters
    ----------
    pixels : uint8 array, shape (images, height, width, channels)
    size : int
        Height and width of the result, from 1 to the smaller of those of the images.

    Returns
    -------
    float32 array, shape (images, size, size, channels)

    Examples
    --------
    >>> block_mean(np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1), 1)
    array([[[[4.]]]], dtype=float32)
    """
    count, height, width, channels = pixels.shape
    if isinstance(size, bool) or size != int(size) or not 1 <= size <= min(height, width):
        raise ValueError(f"size={size!r} is not allowed (a whole number from 1 to "
                         f"{min(height, width)}, for images of {height} x {width}); "
                         "choose one in this range")  # fmt: skip
    down, across = _overlaps(height, size), _overlaps(width, size)
    result = np.empty((count, size, size, channels), np.float32)
    for block in _blocks(count):
        lines = np.tensordot(pixels[block].astype(np.float64), across, axes=(2, 1))  # n h c w'
        # Whole numbers up to here, so that the one division rounds the exact mean.
        sums = np.tensordot(lines, down, axes=(1, 1))
        result[block] = sums.transpose(0, 3, 2, 1) / (height * width)
    return result


def _overlaps(length: int, size: int) -> NDArray[np.float64]:
    """Of `size` new pixels, the rows, with `length` old ones, in parts 1/size of an old one."""
    new, old = np.arange(size)[:, None] * length, np.arange(length) * size
    common = np.minimum(new + length, old + size) - np.maximum(new, old)
    return np.maximum(common, 0).astype(np.float64)


def _moments(values: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of each channel."""
    total, squares = np.zeros((2, values.shape[3]))
    for block in _blocks(len(values)):
        part = values[block].astype(np.float64)
        total += part.sum(axis=(0, 1, 2))
        squares += np.square(part).sum(axis=(0, 1, 2))
    count = math.prod(values.shape[:3])
    mean = total / count
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0))


def _standardised(
    values: NDArray[Any], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Channels first, less the mean and over the deviation of each."""
    count, height, width, channels = values.shape
    result = np.empty((count, channels, height, width), np.float32)
    for block in _blocks(count):
        result[block] = ((values[block] - mean) / deviation).transpose(0, 3, 1, 2)
    return result


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))
