"""What networks are given of images."""

from dataclasses import replace

import numpy as np
import pytest

from tests.image_files import drawn
from validation.data import ImageSet, as_channels_first, as_rows, block_mean

SET = ImageSet(
    name="noise", training=drawn(2100, 6, 3, 4), test=drawn(50, 6, 3, 4), classes=tuple("abcd")
)
"""More images than are worked on at a time."""


def test_blocks_are_averaged_exactly():
    pixels = SET.training.pixels
    blocks = pixels.reshape(-1, 3, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_array_equal(block_mean(pixels, 3), blocks.astype(np.float32))
    np.testing.assert_array_equal(block_mean(pixels, 6), pixels)


@pytest.mark.parametrize(("height", "width", "size"), [(6, 6, 4), (105, 105, 28), (7, 5, 3)])
def test_a_pixel_on_a_border_counts_by_its_area(height, width, size):
    """So an image that is enlarged first, every pixel `size` times, has plain blocks."""
    pixels = np.random.default_rng(0).integers(256, size=(3, height, width, 2)).astype(np.uint8)
    large = pixels.repeat(size, axis=1).repeat(size, axis=2)
    blocks = large.reshape(3, size, height, size, width, 2).mean(axis=(2, 4))
    np.testing.assert_array_equal(block_mean(pixels, size), blocks.astype(np.float32))


def test_channels_are_standardised_by_the_training_images_alone():
    training, test = as_channels_first(SET)
    values = SET.training.pixels.astype(float)
    mean, deviation = values.mean(axis=(0, 1, 2)), values.std(axis=(0, 1, 2))
    for given, part in ((training, SET.training), (test, SET.test)):
        expected = ((part.pixels - mean) / deviation).transpose(0, 3, 1, 2)
        # One rounding to single precision, and those of the moments in double.
        np.testing.assert_allclose(given.inputs, expected, rtol=2**-23, atol=2**-40)
        assert given.inputs.dtype == np.float32
        assert given.inputs.flags.c_contiguous
        np.testing.assert_array_equal(given.labels, part.labels)
    bright = replace(SET, test=SET.test._replace(pixels=SET.test.pixels // 2))
    np.testing.assert_array_equal(as_channels_first(bright)[0].inputs, training.inputs)


def test_rows_are_the_same_numbers_channel_by_channel():
    for size in (None, 3):
        for rows, planes in zip(as_rows(SET, size), as_channels_first(SET, size), strict=True):
            np.testing.assert_array_equal(rows.inputs, planes.inputs.reshape(len(rows.labels), -1))


def test_smaller_images_are_standardised_after_they_are_made_smaller():
    training, _ = as_channels_first(SET, 2)
    assert training.inputs.shape == (2100, 3, 2, 2)
    # Means of 8400 numbers of size 1, each rounded to single precision.
    np.testing.assert_allclose(training.inputs.mean(axis=(0, 2, 3), dtype=float), 0, atol=2**-23)
    np.testing.assert_allclose(training.inputs.std(axis=(0, 2, 3), dtype=float), 1, atol=2**-22)


def test_a_part_is_taken_with_its_labels():
    for which in (slice(3, 9), [4, 1], SET.test.labels == 2):
        part = SET.test.take(which)
        np.testing.assert_array_equal(part.pixels, SET.test.pixels[which])
        np.testing.assert_array_equal(part.labels, SET.test.labels[which])


@pytest.mark.parametrize("size", [0, 7, 2.5, True])
def test_images_are_not_made_larger_or_nothing(size):
    with pytest.raises(ValueError, match="a whole number from 1 to 6"):
        block_mean(SET.test.pixels, size)
