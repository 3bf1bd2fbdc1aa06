"""Handwritten digits: 1797 images of 8 x 8 pixels in 10 classes, as scikit-learn brings them."""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from validation.data.classes import Labelled

DIGITS = 1797
FILE = "datasets/data/digits.csv.gz"
"""In scikit-learn's folder: a row an image, its pixels and its digit."""


@cache
def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Pixels of mean 0 and variance 1 over all of them, shape (1797, 64), and the digits.

    The file itself is read: to import scikit-learn's own reader takes over a second.
    """
    spec = find_spec("sklearn")
    assert spec is not None
    (folder,) = spec.submodule_search_locations or []
    with gzip.open(Path(folder) / FILE, "rt", encoding="ascii") as file:
        rows = np.loadtxt(file, delimiter=",")
    pixels, classes = rows[:, :-1], rows[:, -1].astype(np.int64)
    return (pixels - pixels.mean()) / pixels.std(), classes


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
    pixels, labels = digits()
    inputs = pixels.astype(np.float32)
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
