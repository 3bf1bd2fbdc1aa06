"""What trained classes answer to a sample that shows one view alone."""

import math

import numpy as np

from mvtheory.race.setting import Setting
from mvtheory.shapes import Bool, Booleans, Float, Floats

Responses = Float[Floats, " *further"]
SAMPLES = 8
"""Of each view and class, in the mean of what is recognised."""


def smoothed_relu(
    responses: Responses, power: float, out: Float[Floats, " 3 *further"] | None = None
) -> tuple[Responses, Responses]:
    """Value and slope: 0 below 0, z^q / q up to 1, z - (1 - 1/q) beyond.

    `out`, shape (3, *responses.shape), is written over: for large arrays, asked again and again,
    making them anew takes longer than the sums.
    """
    value, slope, clipped = np.empty((3, *responses.shape)) if out is None else out
    np.maximum(responses, 0, out=value)
    np.minimum(value, 1, out=clipped)
    power_less_one(clipped, power, slope)
    value -= clipped
    clipped *= slope
    clipped /= power
    value += clipped
    return value, slope


def power_less_one(clipped: Responses, power: float, out: Responses) -> Responses:
    """z^(q-1), for q >= 2; by products where they are faster, for much of a descent is this."""
    if power != int(power) or power > 6:
        return np.asarray(np.power(clipped, power - 1, out=out))
    if power == 2:
        out[...] = clipped
        return out
    np.multiply(clipped, clipped, out=out)
    for _ in range(int(power) - 3):
        out *= clipped
    return out


class Recognition:
    """Answers of the classes drawn to samples of one view.

    Every neuron answers to the sample's fresh noise, by its initial weights and by what it has
    memorised (`learned`, the squares summed over samples); those of other classes answer to the
    view by their initial weights only.
    """

    def __init__(
        self,
        x: Float[Floats, "neurons views draws"],
        learned: Float[Floats, "neurons draws"],
        setting: Setting,
        rng: np.random.Generator,
    ) -> None:
        self.x, self.setting, self.rng = x, setting, rng
        fresh = (setting.deviation * setting.background_noise) ** 2
        self.to_noise = np.sqrt(fresh + learned / setting.noise_dimensions)
        self.to_views = smoothed_relu(x, setting.power)[0].sum(axis=0)

    def _output(
        self, deviation: Float[Floats, "neurons draws"] | float, patches: int
    ) -> Float[Floats, " draws"]:
        neurons, _, draws = self.x.shape
        responses = self.rng.standard_normal((patches, neurons, draws)) * deviation
        return np.asarray(smoothed_relu(responses, self.setting.power)[0].sum(axis=(0, 1)))

    def own(self, view: int) -> Float[Floats, " draws"]:
        """Output of each class on a sample that shows this view of it."""
        of_noise = self._output(self.to_noise, self.setting.backgrounds)
        return np.asarray(self.to_views[view] + of_noise)

    def other(self) -> Float[Floats, " draws"]:
        """Outputs on a sample of another class, of classes drawn among the draws."""
        draws = self.x.shape[2]
        noise = self.to_noise[:, self.rng.integers(draws, size=draws)]
        of_noise = self._output(noise, self.setting.backgrounds)
        return of_noise + self._output(self.setting.deviation, 1)

    def sampled(self) -> Bool[Booleans, "draws views"]:
        """Whether a class beats K - 1 others on one sample of each view, shape (draws, views)."""
        _, views, draws = self.x.shape
        right = np.empty((draws, views), dtype=bool)
        for view in range(views):
            own, strongest = self.own(view), np.full(draws, -math.inf)
            for _ in range(self.setting.classes - 1):
                strongest = np.maximum(strongest, self.other())
            right[:, view] = own > strongest
        return right

    def chances(self) -> Float[Floats, "draws views"]:
        """How often it does, over samples and over who the others are: the (K - 1)-th power of
        the share of others that it beats, in the mean over samples, shape (draws, views)."""
        _, views, draws = self.x.shape
        others = np.sort(np.concatenate([self.other() for _ in range(SAMPLES)]))
        wins = (np.arange(others.size + 1) / others.size) ** (self.setting.classes - 1)
        chances = np.empty((draws, views))
        for view in range(views):
            answers = np.stack([self.own(view) for _ in range(SAMPLES)])
            chances[:, view] = wins[np.searchsorted(others, answers)].mean(axis=0)
        return chances
