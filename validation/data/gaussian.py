"""Gaussian inputs, labelled by a network of random weights: data without views."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from validation.data.classes import Labelled

Function = Literal[
    "linear", "fc2", "fc3", "residual", "convolutional", "residual3", "convolutional3"
]
Inputs = Literal["Gaussian", "mixture"]
Sampling = Literal["uniform", "rejection", "balanced"]
Array = NDArray[np.float64]
CLUSTERS = 10
"""Of the mixture; centres and deviation within a cluster have the same variance."""
CALIBRATION = 4000
"""Inputs by which outputs are standardised and the margin's median is found."""


@dataclass(frozen=True, kw_only=True)
class GaussianInputs:
    """The label of an input is the largest output of a network whose weights are random.

    Outputs are standardised over the inputs, so that all classes occur. Of the networks, "fc2" and
    "fc3" have two and three fully connected layers with ReLU between, "residual" two blocks
    x + B ReLU(A x) before a linear layer, and "convolutional" a circular convolution over
    neighbouring coordinates, ReLU and a linear layer; "residual3" has three blocks and
    "convolutional3" two convolutions.

    Parameters
    ----------
    function : {"linear", "fc2", "fc3", "residual", "convolutional", "residual3", "convolutional3"}
        The network that labels.
    inputs : {"Gaussian", "mixture"}
        Standard Gaussian, or an even mixture of ten Gaussians of the same mean variance.
    sampling : {"uniform", "rejection", "balanced"}
        All inputs; the half whose largest output exceeds the second by more than the median; or
        so many of each class, by chance, that classes are about as frequent as the rarest.
    noise : float
        Share of the training labels that are replaced by another class, in [0, 1); test labels
        are clean.
    classes : int
        K >= 2.
    dimension, width : int
        Of the inputs and of the hidden layers of the network that labels, >= 1.

    Source: Allen-Zhu & Li (2023), the experiment on Gaussian-like inputs; sizes are ours.

    Examples
    --------
    >>> problem = GaussianInputs(function="fc2", sampling="rejection", noise=0.1)
    >>> training, test = problem.draw(400, 100, np.random.default_rng(0))
    >>> training.inputs.shape, test.inputs.shape, sorted(set(test.labels.tolist()))
    ((400, 10), (100, 10), [0, 1, 2, 3])
    """

    function: Function
    inputs: Inputs = "Gaussian"
    sampling: Sampling = "uniform"
    noise: float = 0.0
    classes: int = 4
    dimension: int = 10
    width: int = 10

    def __post_init__(self) -> None:
        for name, allowed in (("function", Function), ("inputs", Inputs), ("sampling", Sampling)):
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(f"{name}={getattr(self, name)!r} is not known; "
                                 f"choose one of {', '.join(get_args(allowed))}")  # fmt: skip
        if not 0 <= self.noise < 1:
            raise ValueError(f"noise={self.noise} is not in [0, 1); it is the share of training "
                             "labels that are replaced: choose one in this range")  # fmt: skip
        for name, low in (("classes", 2), ("dimension", 1), ("width", 1)):
            if getattr(self, name) < low:
                raise ValueError(f"{name}={getattr(self, name)} is not allowed (a whole number "
                                 f">= {low}); choose one in this range")  # fmt: skip

    def draw(self, training: int, test: int, rng: np.random.Generator) -> tuple[Labelled, Labelled]:
        """Draw the network that labels, then so many samples to train on and to test with."""
        centres = rng.standard_normal((CLUSTERS, self.dimension))

        def inputs(count: int) -> Array:
            x = rng.standard_normal((count, self.dimension))
            if self.inputs == "mixture":
                x = (x + centres[rng.integers(CLUSTERS, size=count)]) / np.sqrt(2)
            return x

        outputs = _network(self, rng)
        first = outputs(inputs(CALIBRATION))
        mean, deviation = first.mean(axis=0), first.std(axis=0)
        standard = (first - mean) / deviation
        least = np.median(margins(standard))
        shares = np.bincount(standard.argmax(axis=1), minlength=self.classes) / CALIBRATION
        kept: list[tuple[Array, Array]] = []
        missing = training + test
        while missing > 0:
            x = inputs(missing if self.sampling == "uniform" else 2 * missing)
            z = (outputs(x) - mean) / deviation
            wide = margins(z) > (least if self.sampling == "rejection" else -1)
            if self.sampling == "balanced":
                wide = rng.random(len(z)) * shares[z.argmax(axis=1)] < shares.min()
            kept.append((x[wide][:missing], z[wide][:missing]))
            missing -= len(kept[-1][0])
        x, z = (np.concatenate(parts) for parts in zip(*kept, strict=True))
        labels = z.argmax(axis=1)
        wrong = np.flatnonzero(rng.random(training) < self.noise)
        labels[wrong] += rng.integers(1, self.classes, size=len(wrong))
        labels %= self.classes
        x32 = x.astype(np.float32)
        return (
            Labelled(x32[:training], labels[:training]),
            Labelled(x32[training:], labels[training:]),
        )


def margins(outputs: Array) -> Array:
    """Largest output less the second, of every sample."""
    top = np.partition(outputs, -2, axis=1)
    return top[:, -1] - top[:, -2]


def _network(problem: GaussianInputs, rng: np.random.Generator) -> Callable[[Array], Array]:
    """Random weights, scaled so that every layer keeps the size of what passes through it."""
    d, w, k = problem.dimension, problem.width, problem.classes

    def weights(inputs: int, outputs: int, gain: float = 2.0) -> Array:
        return np.sqrt(gain / inputs) * rng.standard_normal((inputs, outputs))

    def relu(z: Array) -> Array:
        return np.maximum(z, 0)

    match problem.function:
        case "linear":
            a = weights(d, k)
            return lambda x: x @ a
        case "fc2":
            a, b = weights(d, w), weights(w, k)
            return lambda x: relu(x @ a) @ b
        case "fc3":
            a, b, c = weights(d, w), weights(w, w), weights(w, k)
            return lambda x: relu(relu(x @ a) @ b) @ c
        case "residual" | "residual3":
            count = 3 if problem.function == "residual3" else 2
            blocks = [(weights(d, d), weights(d, d, 1.0)) for _ in range(count)]
            c = weights(d, k)

            def residual(x: Array) -> Array:
                for first, second in blocks:
                    x = x + relu(x @ first) @ second
                return x @ c

            return residual
        case "convolutional" | "convolutional3":
            layers = [weights(3, w)]
            if problem.function == "convolutional3":
                layers.append(weights(3 * w, w))
            b = weights(d * w, k)

            def convolutional(x: Array) -> Array:
                x = x[:, :, None]
                for layer in layers:
                    seen = [np.roll(x, shift, axis=1) for shift in (-1, 0, 1)]
                    x = relu(np.concatenate(seen, axis=2) @ layer)
                return x.reshape(len(x), -1) @ b

            return convolutional
