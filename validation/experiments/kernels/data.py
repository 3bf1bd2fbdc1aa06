"""Data and Gram matrices of the kernel experiment."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.data.digits import digits

Array = NDArray[np.float64]

PROBLEMS = ("digits", "smooth")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One draw.

    Attributes
    ----------
    gram : array, shape (n, n)
        Of the training inputs, with the nugget on its diagonal.
    eigenvalues, vectors : arrays, shapes (n,) and (n, n)
        Of `gram`, rising.
    cross : array, shape (m, n)
        Kernel between test and training inputs.
    labels : array, shape (n,)
        Of mean square 1, noise included.
    clean : array, shape (m,)
        Test targets without noise, on the labels' scale.
    """

    gram: Array
    eigenvalues: Array
    vectors: Array
    cross: Array
    labels: Array
    clean: Array


def _squared_distances(a: Array, b: Array) -> Array:
    squares = a @ (-2 * b.T)
    squares += (a**2).sum(axis=1)[:, None]
    squares += (b**2).sum(axis=1)
    return np.maximum(squares, 0.0, out=squares)


def _gaussian(a: Array, b: Array, scale: float) -> Array:
    return np.exp(-_squared_distances(a, b) / (2 * scale**2))


def _laplace(a: Array, b: Array, scale: float) -> Array:
    return np.exp(-np.sqrt(_squared_distances(a, b)) / scale)


def _arc_cosine(a: Array, b: Array, scale: float) -> Array:
    """Of degree 1: a wide layer of ReLU neurons with random weights (Cho & Saul 2009)."""
    norms = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    cosine = np.clip(a @ b.T / norms, -1.0, 1.0)
    # sin a + (pi - a) cos a of the angle a between them.
    value = np.sqrt(1 - cosine**2) + (np.pi - np.arccos(cosine)) * cosine
    return scale / np.pi * norms * value


KERNELS: dict[str, Callable[[Array, Array, float], Array]] = {
    "Gaussian": _gaussian,
    "Laplace": _laplace,
    "arc-cosine": _arc_cosine,
}


def parity(classes: NDArray[np.int64]) -> Array:
    """1 for odd digits and -1 for even ones."""
    return np.where(classes % 2 == 1, 1.0, -1.0)


def _smooth(x: Array) -> Array:
    return np.asarray(np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 1])


def draw(
    problem: str,
    kernel: str,
    scale: float,
    condition: float,
    noise: float,
    sizes: tuple[int, int],
    rng: np.random.Generator,
) -> Problem:
    """Draw inputs and labels, and make the Gram matrix of exactly this condition number.

    The nugget delta, k(x, x') + delta [x is x'], solves (d_max + delta)/(d_min + delta) = kappa.
    Raises ValueError if the kernel alone is better conditioned than that.
    """
    count, tests = sizes
    if problem == "digits":
        pixels, classes = digits()
        order = rng.permutation(len(pixels))[: count + tests]
        inputs, targets = pixels[order], parity(classes[order])
        labels = targets[:count] * np.where(rng.random(count) < noise, -1.0, 1.0)
    else:
        inputs = rng.uniform(-1, 1, (count + tests, 2))
        targets = _smooth(inputs)
        labels = targets[:count] + noise * rng.standard_normal(count)
    size = np.sqrt(np.mean(labels**2))
    values = KERNELS[kernel](inputs, inputs[:count], scale)
    gram, cross = values[:count], values[count:]
    own, vectors = np.linalg.eigh(gram)
    nugget = (own[-1] - condition * own[0]) / (condition - 1)
    if nugget < 0:
        raise ValueError(
            f"condition={condition:g} is above this kernel's own, {own[-1] / own[0]:.3g}: choose a "
            "smaller one"
        )
    return Problem(
        gram=gram + nugget * np.eye(count),
        eigenvalues=own + nugget,
        vectors=vectors,
        cross=cross,
        labels=labels / size,
        clean=targets[count:] / size,
    )
