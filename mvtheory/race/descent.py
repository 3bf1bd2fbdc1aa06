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
from mvtheory.race.recognition import Recognition, power_less_one
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
        C, from the share A of views recognised, corrected for chance: (A - 1/K)/(1 - 1/K).
    standard_error : float
        Of `coverage`, from the draws.
    deviation : float
        Standard deviation of the coverage of one class that is asked one question a view (`right`):
        whether it answers rightly by chance adds to what `coverage` averages over.
    """

    strengths: Floats
    right: NDArray[np.bool_]
    recognised: Floats
    memorised: Floats
    coverage: float
    standard_error: float
    deviation: float


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
    drives = _Drives(x, y, seen, setting)
    kept = []
    step = 0
    for stage in setting.stages:
        for _ in range(stage.steps):
            if step in watched:
                kept.append(_strengths(x))
            for responses, velocity, drive in zip(moving, velocities, drives(*moving), strict=True):
                velocity *= stage.momentum
                velocity += drive
                responses += np.multiply(velocity, stage.rate, out=drive)
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
    asked, of_class = (
        (share.mean(axis=1) - chance) / (1 - chance) for share in (right, recognised)
    )
    return Descent(
        strengths=strengths, right=right, recognised=recognised,
        memorised=shown[1] @ (strongest >= 1) / shown[1].sum(),
        coverage=float(of_class.mean()),
        standard_error=float(of_class.std(ddof=1)) / math.sqrt(draws),
        deviation=float(asked.std(ddof=1)),
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


class _Drives:
    """How fast gradient flow on all samples of the class moves its responses.

    Works in arrays that are made once: a step is a few passes over small ones, and making them anew
    would take longer. Above 0 ReLU~(u) = u - c + c^q/q with the slope c^(q-1), c = min(u, 1).
    """

    def __init__(self, x: Floats, y: Floats, seen: Floats, setting: Setting) -> None:
        self.setting = setting
        self.z, self.weights = _shown(setting)
        neurons, views, draws = x.shape
        _, points, backgrounds, _ = seen.shape
        self.multi = np.empty((2, neurons, points, views + backgrounds, draws))
        self.single = np.empty((2, neurons, views, 1 + y.shape[2], draws))
        self.gradient, self.of_single, self.of_multi = map(np.empty_like, (x, y, seen))

    def __call__(self, x: Floats, y: Floats, seen: Floats) -> tuple[Floats, Floats, Floats]:
        """The drives of x, y and seen, in arrays that the next call writes over."""
        setting, views, gradient = self.setting, self.z.shape[1], self.gradient
        classes, samples = setting.classes, setting.samples
        to_memory = setting.background_noise**2 / samples
        responses, slope = self.multi
        np.multiply(self.z[:, :, None], x[:, None], out=responses[:, :, :views])
        responses[:, :, views:] = seen
        error = _loss_slope(_answers(responses, slope, setting.power).sum(axis=1), classes)
        remembering = to_memory * error[:, None]
        np.multiply(slope[:, :, views:], remembering, out=self.of_multi)
        error *= self.weights[:, None] * (1 - setting.single_view_fraction)
        shown = self.z[:, :, None] * error[:, None]
        np.einsum("npvd,pvd->nvd", slope[:, :, :views], shown, out=gradient)
        if setting.single_view_samples:
            responses, slope = self.single
            responses[:, :, 0], responses[:, :, 1:] = x, y
            answers = _answers(responses, slope, setting.power)
            by_sample = (views, setting.single_view_samples, setting.backgrounds, x.shape[2])
            remembered = answers[:, 1:].reshape(by_sample).sum(axis=2)
            error = _loss_slope(answers[:, :1] + remembered, classes)
            slope[:, :, 0] *= error.sum(axis=1) / samples
            gradient += slope[:, :, 0]
            repeated = np.repeat(error, setting.backgrounds, axis=1)
            np.multiply(slope[:, :, 1:], to_memory * repeated, out=self.of_single)
        if setting.cosine:  # the Gram matrix (1 - c) I + c 11^T carries gains from view to view
            shared = setting.cosine * gradient.sum(axis=1, keepdims=True)
            gradient *= 1 - setting.cosine
            gradient += shared
        return gradient, self.of_single, self.of_multi


def _answers(responses: Floats, slope: Floats, power: float) -> Floats:
    """ReLU~ summed over neurons, the first dimension; slopes go into `slope`.

    `responses` is used up.
    """
    np.maximum(responses, 0, out=responses)
    answers = responses.sum(axis=0)
    clipped = np.minimum(responses, 1, out=responses)
    answers -= clipped.sum(axis=0)
    power_less_one(clipped, power, out=slope)
    answers += np.einsum("ngrd,ngrd->grd", clipped, slope) / power
    return answers
