"""The digits' file is read as scikit-learn reads it."""

import numpy as np
from sklearn.datasets import load_digits

from validation.data.digits import digits


def test_digits_are_those_of_scikit_learn():
    pixels, classes = load_digits(return_X_y=True)
    own, labels = digits()
    np.testing.assert_array_equal(labels, classes)
    np.testing.assert_array_equal(own, (pixels - pixels.mean()) / pixels.std())
