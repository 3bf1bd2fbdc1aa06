"""How fast gradient descent moves the responses of one class: to its views and to its noise.

What `descent` follows, a step of it. Responses below 0 have no slope: those to noise stay as they
are and are left out. Below the threshold a view's response x adds (z x)^q / q to a sample that
shows it at z: the sum over neurons is then one for all coefficients, and only the few responses
beyond the threshold are taken one by one.
"""

from itertools import product

import numpy as np

from mvtheory.race.recognition import power_less_one, smoothed_relu
from mvtheory.race.setting import Setting
from mvtheory.shapes import Bool, Booleans, Float, Floats, Numbers, Shaped

COEFFICIENTS = (-0.7946544722917661, -0.1875924740850799, 0.1875924740850799, 0.7946544722917661)
"""Chebyshev's nodes of equal weight on [-1, 1]: they have the moments of the uniform law up to the
fifth, E[z^q] for q <= 5 among them."""


def shown(
    setting: Setting, loss: str = "cross-entropy"
) -> tuple[Float[Floats, "points views"], Float[Floats, " points"]]:
    """Coefficients that represent the multi-view samples, shape (points, views), and weights.

    Each view's values come in an order of their own, so that views vary independently. A squared
    error goes by how they vary together, when its mean is gone: then all combinations are there.
    """
    low, high = setting.strength
    values = (low + high) / 2 + (high - low) / 2 * np.array(COEFFICIENTS)
    rng = np.random.default_rng(0)
    if loss == "cross-entropy":
        z = np.stack([rng.permutation(values) for _ in range(setting.views)], axis=1)
    else:
        z = np.array(list(product(values, repeat=setting.views)))
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


class Noise:
    """Responses of the neurons to the noise in the background patches of samples.

    Each point of `shown` has one sample, then come the single-view samples, view by view.

    Attributes
    ----------
    first, now : float arrays, shape (alive,)
        Responses above 0, before training and in it.
    sample, neuron : int arrays, shape (alive,)
        To which sample and of which neuron: that times draws plus the draw.
    """

    def __init__(self, setting: Setting, points: int, draws: int, rng: np.random.Generator) -> None:
        deviation = setting.deviation * setting.background_noise
        alone, every = (
            deviation * rng.standard_normal((setting.neurons, count, setting.backgrounds, draws))
            for count in (setting.views * setting.single_view_samples, points)
        )
        every = np.concatenate([every, alone], axis=1)
        self.shape = every.shape
        neuron, sample, _, draw = alive = np.nonzero(every > 0)
        self.first = every[alive]
        self.now = self.first.copy()
        self.sample, self.neuron = sample * draws + draw, neuron * draws + draw

    def by_sample(self, values: Shaped[Numbers, " alive"]) -> Float[Floats, "samples draws"]:
        """Sums over the responses to each sample, shape (samples, draws)."""
        _, samples, _, draws = self.shape
        summed = np.bincount(self.sample, values, samples * draws)
        # Where there is nothing to sum, numpy counts in integers.
        return np.asarray(summed.reshape(samples, draws), dtype=float)

    def memorised(self) -> Bool[Booleans, "samples draws"]:
        """Whether some response to a sample has reached the threshold, shape (samples, draws)."""
        return np.asarray(self.by_sample(self.now >= 1) > 0)

    def learned(self, copies: Float[Floats, " samples"]) -> Float[Floats, "neurons draws"]:
        """Squares of what neurons have gained, summed over `copies` of each sample, shape
        (neurons, draws)."""
        neurons, _, _, draws = self.shape
        gained = copies[self.sample // draws] * (self.now - self.first) ** 2
        summed = np.bincount(self.neuron, gained, neurons * draws)
        return np.asarray(summed.reshape(neurons, draws), dtype=float)


class Drives:
    """What gradient flow on all samples of the class adds to responses in a unit of time.

    Above 0 ReLU~(u) = u - c + c^q/q with the slope c^(q-1), c = min(u, 1).
    """

    def __init__(self, setting: Setting, noise: Noise, loss: str = "cross-entropy") -> None:
        if loss not in LOSSES:
            raise ValueError(
                f"loss={loss!r} is not known ({', '.join(LOSSES)}); choose one of these"
            )
        self.setting, self.noise, self.residual = setting, noise, LOSSES[loss]
        self.z, weights = shown(setting, loss)
        self.shares = weights * (1 - setting.single_view_fraction)
        self.each = np.concatenate([self.z, np.ones((1, setting.views))])  # and single views, at 1
        self.low, self.high = 1 / self.each.max(), 1 / self.each[self.each > 0].min()
        """Below and above the threshold in every sample that shows the view."""
        # What x^q / q, x and 1, summed over the neurons, add to a sample; and their slopes' pull.
        powers, beyond = self.z**setting.power, (1 / setting.power - 1) * (self.z > 0)
        self.answers = np.concatenate([powers, self.z, beyond], axis=1)
        self.pulls = np.concatenate([powers, self.z], axis=1).T.copy()
        self.of_noise = np.empty((3, *noise.now.shape))

    def __call__(
        self, x: Float[Floats, "neurons views draws"]
    ) -> tuple[Float[Floats, "neurons views draws"], Float[Floats, " alive"]]:
        """The drives of the responses `x` to views, shape (neurons, views, draws), and of noise;
        the next call writes over them."""
        setting, power = self.setting, self.setting.power
        _, views, draws = x.shape
        points = len(self.shares)
        grown = np.flatnonzero(x > self.low)
        column, strength = grown % (views * draws), x.take(grown)
        large = strength >= self.high
        below = np.maximum(x, 0)
        below.ravel()[grown] = 0
        slope = power_less_one(below, power, np.empty_like(x))
        sums = np.empty((3, views * draws))
        sums[0] = np.einsum("nvd,nvd->vd", below, slope).ravel()
        sums[0] /= power
        sums[1] = np.bincount(column[large], strength[large], views * draws)
        sums[2] = np.bincount(column[large], minlength=views * draws)
        answers, to_noise = smoothed_relu(self.noise.now, power, self.of_noise)
        outputs = self.noise.by_sample(answers)
        outputs[:points] += self.answers @ sums.reshape(-1, draws)
        alone = sums[0] + sums[1] - (1 - 1 / power) * sums[2]
        # Above the threshold in some samples only: few, and soon past it.
        some = ~large
        among, between = column[some], grown[some]
        draw, z = among % draws, self.each.take(among // draws, axis=1)
        more, steep = smoothed_relu(z * strength[some], power)
        for row, values in zip(outputs[:points], more[:-1], strict=True):
            row += np.bincount(draw, values, draws)
        alone += np.bincount(among, more[-1], alone.size)
        outputs[points:].reshape(views, -1, draws)[:] += alone.reshape(views, 1, draws)

        error = self.residual(outputs, setting.classes)
        to_noise *= (setting.background_noise**2 / setting.samples * error).take(self.noise.sample)
        shared = self.shares[:, None] * error[:points]
        single = error[points:].reshape(views, -1, draws).sum(axis=1) / setting.samples
        pull, even = (self.pulls @ shared).reshape(2, views, draws) + single
        slope *= pull
        slope.ravel()[grown] = even.take(column)
        steep *= z
        gained = (steep[:-1] * shared.take(draw, axis=1)).sum(axis=0)
        slope.ravel()[between] = gained + steep[-1] * single.take(among)
        if setting.cosine:  # the Gram matrix (1 - c) I + c 11^T carries gains from view to view
            carried = setting.cosine * slope.sum(axis=1, keepdims=True)
            slope *= 1 - setting.cosine
            slope += carried
        return slope, to_noise


def _of_cross_entropy(
    output: Float[Floats, "samples draws"], classes: int
) -> Float[Floats, "samples draws"]:
    """1 - p of a sample whose right class has this output, the others 0."""
    others = (classes - 1) * np.exp(-output)
    return np.asarray(others / (1 + others))


def _of_squared_error(
    output: Float[Floats, "samples draws"], classes: int
) -> Float[Floats, "samples draws"]:
    """What the output lacks of 1, or exceeds it by."""
    return np.asarray(1 - output)


LOSSES = {"cross-entropy": _of_cross_entropy, "squared error": _of_squared_error}
"""Minus their slopes by the output of the right class."""
