r"""One class in training, reduced to what its neurons answer to its views and to its own noise.

With orthonormal features and noise in their orthogonal complement, gradient descent on a patch
network closes in the responses x_{r,l} = <w_r, v_l> and in the responses y_{r,i} of the neurons
to the background noise of single-view sample i. Of a class with n samples, at rate 1 a step,

    x_{r,l} += mean over samples of (1 - p) z_l ReLU~'(z_l x_{r,l})
    y_{r,i} += (1 - p_i) xi^2 ReLU~'(y_{r,i}) / n

where 1 - p = (K - 1)/(K - 1 + e^F) is the loss gradient of a sample with output F. To leading
order in a small initialisation this is the growth law dLambda/dt = S Lambda^(q-1); written out, it
also holds the drive that dies when the multi-view samples are fitted, that of the single-view
samples until they are memorised, ties, several neurons to a view, and q = 2.

Left out: the outputs of the other classes (they see a class's views only as weak distractors),
noise in the patches of features, and memory of multi-view samples.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import Argument
from mvtheory.race.recognition import Recognition, smoothed_relu
from mvtheory.race.setting import Setting

Floats = NDArray[np.float64]
DRAWS = Argument("draws", "d", "classes drawn, 1000 are usual", 2, 1e7, integer=True)
SEED = Argument("seed", "s", "seed of the draws", 0, 2**53, integer=True)
COEFFICIENTS = (-0.7946544722917661, -0.1875924740850799, 0.1875924740850799, 0.7946544722917661)
"""Chebyshev's nodes of equal weight on [-1, 1]: they have the moments of the uniform law up to the
fifth, E[z^q] for q <= 5 among them."""


@dataclass(frozen=True, kw_only=True)
class Descent:
    """What became of the classes drawn.

    Attributes
    ----------
    strengths : float array, shape (times, draws, views)
        Lambda_l = max_r [x_{r,l}]^+ at the steps watched, and last at the end.
    right : bool array, shape (draws, views)
        Whether a sample that shows this view alone is classified rightly among the K classes.
    recognised : float array, shape (draws, views)
        How often it is, over fresh noise and other classes.
    memorised : float array, shape (draws,)
        Share of the class's multi-view samples to whose own noise some neuron's response has
        reached the threshold.
    coverage : float
        C, from the share A of right answers corrected for chance: (A - 1/K)/(1 - 1/K).
    deviation : float
        Standard deviation of the coverage of one class.
    standard_error : float
        Of `coverage`, from the draws.
    """

    strengths: Floats
    right: NDArray[np.bool_]
    recognised: Floats
    memorised: Floats
    coverage: float
    deviation: float

    @property
    def standard_error(self) -> float:
        return self.deviation / math.sqrt(len(self.right))


def descend(
    setting: Setting, draws: int = 1000, seed: int = 0, watched: tuple[int, ...] = ()
) -> Descent:
    """Follow the training of independent classes from random Gaussian weights.

    Parameters
    ----------
    setting : Setting
    draws : int, 2 to 1e7
        Classes drawn; nothing is trained or fitted, they sample the initial weights.
    seed : int
        Of the draws.
    watched : tuple of int
        Steps before which strengths are kept, counted from 0.

    Raises
    ------
    ValueError
        If `draws`, `seed` or a step watched is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D.

    Examples
    --------
    >>> from mvtheory.race import Setting
    >>> def setting(power):
    ...     return Setting(views=2, classes=5, neurons=5, power=power, deviation=0.01,
    ...                    samples=50, stages=((400, 5.0),))
    >>> [round(descend(setting(power), draws=300).coverage, 1) for power in (2, 4)]
    [1.0, 0.5]
    """
    draws, seed = int(DRAWS.number(draws)), int(SEED.number(seed))
    steps = sum(stage.steps for stage in setting.stages)
    if not all(0 <= step < steps and step == int(step) for step in watched):
        raise ValueError(
            f"watched={watched!r} is not allowed (integers, 0 <= step < {steps}); leave out the "
            "end, which is always kept"
        )
    rng = np.random.default_rng(seed)
    # Draws run fastest: sums over neurons and views are then over outer dimensions.
    x = rng.standard_normal((setting.neurons, setting.views, draws)) * setting.deviation
    if setting.cosine:  # responses have the views' Gram matrix: its root times independent ones
        own = math.sqrt(1 - setting.cosine)
        common = math.sqrt(1 + (setting.views - 1) * setting.cosine) - own
        x = own * x + common * x.mean(axis=1, keepdims=True)
    single = setting.single_view_samples * setting.backgrounds
    noise = setting.deviation * setting.background_noise
    first = rng.standard_normal((setting.neurons, setting.views, single, draws)) * noise
    y = first.copy()
    shown = _shown(setting)
    # Each point stands for its share of the multi-view samples, and has one sample's noise.
    of_points = (setting.neurons, len(shown[1]), setting.backgrounds, draws)
    first_seen = rng.standard_normal(of_points) * noise
    seen = first_seen.copy()
    moving = (x, y, seen)
    velocities = [np.zeros_like(responses) for responses in moving]
    kept = []
    step = 0
    for stage in setting.stages:
        for _ in range(stage.steps):
            if step in watched:
                kept.append(_strengths(x))
            drives = _drives(x, y, seen, setting, shown)
            for responses, velocity, drive in zip(moving, velocities, drives, strict=True):
                velocity *= stage.momentum
                velocity += drive
                responses += stage.rate * velocity
            step += 1
    strengths = np.stack([*kept, _strengths(x)])
    learned = ((y - first) ** 2).sum(axis=(1, 2))
    copies = (1 - setting.single_view_fraction) * setting.samples * shown[1]
    learned += np.einsum("p,npbd->nd", copies, (seen - first_seen) ** 2)
    right = Recognition(x, learned, setting, rng).sampled()
    # Numbers of its own: what is asked besides does not change what is sampled.
    again = np.random.default_rng([seed, 1])
    recognised = Recognition(x, learned, setting, again).chances()
    # No patches of background, no memory.
    strongest = seen.max(axis=(0, 2), initial=0)
    chance = 1 / setting.classes
    of_class = (right.mean(axis=1) - chance) / (1 - chance)
    return Descent(
        strengths=strengths, right=right, recognised=recognised,
        memorised=shown[1] @ (strongest >= 1) / shown[1].sum(),
        coverage=float(of_class.mean()), deviation=float(of_class.std(ddof=1)),
    )  # fmt: skip


def _strengths(x: Floats) -> Floats:
    return np.asarray(np.maximum(x.max(axis=0), 0).T)


def _shown(setting: Setting) -> tuple[Floats, Floats]:
    """Coefficients that represent the multi-view samples, shape (points, views), and weights.

    Each view's values come in an order of their own, so that views vary independently.
    """
    low, high = setting.strength
    values = (low + high) / 2 + (high - low) / 2 * np.array(COEFFICIENTS)
    rng = np.random.default_rng(0)
    z = np.stack([rng.permutation(values) for _ in range(setting.views)], axis=1)
    if setting.scales:
        z *= setting.scales
    p, points, weights = setting.presence, [], []
    # Where some views are missing, every set of views present has its own probability.
    present_sets = [(1,) * setting.views]
    if p < 1:
        present_sets = list(product((0, 1), repeat=setting.views))
    for present in present_sets:
        probability = p ** sum(present) * (1 - p) ** (setting.views - sum(present))
        if any(present) and probability:
            points.append(z * np.array(present))
            weights.append(np.full(len(z), probability / len(z)))
    if not points:  # p = 0: no multi-view sample shows anything
        return np.zeros((1, setting.views)), np.ones(1)
    return np.concatenate(points), np.concatenate(weights)


def _loss_slope(output: Floats, classes: int) -> Floats:
    """1 - p of a sample whose right class has this output, the others 0."""
    others = (classes - 1) * np.exp(-output)
    return np.asarray(others / (1 + others))


def _drives(
    x: Floats, y: Floats, seen: Floats, setting: Setting, shown: tuple[Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """How fast gradient flow on all samples of the class moves these responses."""
    power, classes, samples = setting.power, setting.classes, setting.samples
    to_memory = setting.background_noise**2 / samples
    gradient, of_single, of_multi = np.zeros_like(x), np.zeros_like(y), np.empty_like(seen)
    for index, (z, weight) in enumerate(zip(*shown, strict=True)):
        value, slope = smoothed_relu(z[:, None] * x, power)
        memory, memory_slope = smoothed_relu(seen[:, index], power)
        error = _loss_slope(value.sum(axis=(0, 1)) + memory.sum(axis=(0, 1)), classes)
        np.multiply(memory_slope, to_memory * error, out=of_multi[:, index])
        error *= weight * (1 - setting.single_view_fraction)
        slope *= z[:, None] * error
        gradient += slope
    if setting.single_view_samples:
        value, slope = smoothed_relu(x, power)
        memory, memory_slope = smoothed_relu(y, power)
        _, views, _, draws = y.shape
        by_sample = (views, setting.single_view_samples, setting.backgrounds, draws)
        remembered = memory.sum(axis=0).reshape(by_sample).sum(axis=2)
        error = _loss_slope(value.sum(axis=0)[:, None] + remembered, classes)
        slope *= error.sum(axis=1) / samples
        gradient += slope
        repeated = np.repeat(error, setting.backgrounds, axis=1)
        np.multiply(memory_slope, to_memory * repeated, out=of_single)
    if setting.cosine:  # the Gram matrix (1 - c) I + c 11^T carries gains from view to view
        shared = setting.cosine * gradient.sum(axis=1, keepdims=True)
        gradient *= 1 - setting.cosine
        gradient += shared
    return gradient, of_single, of_multi
