"""Handwritten digits: 1797 images of 8 x 8 pixels in 10 classes, as scikit-learn brings them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from validation.data.classes import Labelled

DIGITS = 1797


@dataclass(frozen=True, kw_only=True)
class Digits:
    """Three parts without common images.

    Attributes
    ----------
    training, teacher, test : Labelled
        For the students, for their teacher, and for nobody: 64 pixels an image, of mean 0 and
        variance 1 over all images and pixels.
    """

    training: Labelled
    teacher: Labelled
    test: Labelled


def split_digits(training: int, teacher: int, seed: int) -> Digits:
    """Split the digits at random; what `training` and `teacher` leave is for the test.

    Parameters
    ----------
    training, teacher : int
        Images of these parts, >= 1; together at most 1796.
    seed : int
        Of the split.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
    """
    if training < 1 or teacher < 1 or training + teacher >= DIGITS:
        raise ValueError(f"training={training}, teacher={teacher} are not allowed (>= 1 each, "
                         f"together at most {DIGITS - 1}, so that a test is left); "
                         "choose smaller parts")  # fmt: skip
    inputs, labels = _images()
    order = np.random.default_rng(seed).permutation(len(inputs))
    return Digits(
        **{
            name: Labelled(inputs[part], labels[part])
            for name, part in zip(
                ("training", "teacher", "test"),
                np.split(order, [training, training + teacher]),
                strict=True,
            )
        }
    )


@cache
def _images() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """All of them, and their labels; read once in a process."""
    # Half a second: only for those who want the digits.
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    inputs = ((pixels - pixels.mean()) / pixels.std()).astype(np.float32)
    return inputs, labels.astype(np.int64)
