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

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.race.drives import Drives, Noise, shown
from mvtheory.race.recognition import Recognition
from mvtheory.race.setting import Setting
from mvtheory.shapes import Bool, Booleans, Float, Floats

DRAWS = Argument("draws", "d", "classes drawn, 1000 are usual", 2, 1e7, integer=True)
SEED = Argument("seed", "s", "seed of the draws", 0, 2**53, integer=True)


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

    strengths: Float[Floats, "times draws views"]
    right: Bool[Booleans, "draws views"]
    recognised: Float[Floats, "draws views"]
    memorised: Float[Floats, " draws"]
    coverage: float
    standard_error: float
    deviation: float


def descend(
    setting: Setting,
    draws: int = 1000,
    seed: int = 0,
    watched: tuple[int, ...] = (),
    loss: str = "cross-entropy",
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
    loss : {"cross-entropy", "squared error"}
        Half the squared distance of the outputs from one-hot labels leaves a residual where the
        winner alone cannot fit coefficients that vary, and with it a drive that never dies.

    Raises
    ------
    ValueError
        If `draws`, `seed`, a step watched or the loss is out of range.

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
    _, weights = shown(setting, loss)
    noise = Noise(setting, len(weights), draws, rng)
    drives = Drives(setting, noise, loss)
    moving, heavy = (x, noise.now), any(stage.momentum for stage in setting.stages)
    velocities = [np.zeros_like(responses) for responses in moving]
    kept = []
    step = 0
    for stage in setting.stages:
        for _ in range(stage.steps):
            if step in watched:
                kept.append(_strengths(x))
            for responses, velocity, drive in zip(moving, velocities, drives(x), strict=True):
                if heavy:
                    velocity *= stage.momentum
                    velocity += drive
                moved = velocity if heavy else drive
                responses += np.multiply(moved, stage.rate, out=drive)
            step += 1
    strengths = np.stack([*kept, _strengths(x)])
    # Each point stands for its share of the multi-view samples, and has one sample's noise.
    copies = (1 - setting.single_view_fraction) * setting.samples * weights
    alone = np.ones(setting.views * setting.single_view_samples)
    learned = noise.learned(np.concatenate([copies, alone]))
    right = Recognition(x, learned, setting, rng).sampled()
    # Numbers of its own: what is asked besides does not change what is sampled.
    again = np.random.default_rng([seed, 1])
    recognised = Recognition(x, learned, setting, again).chances()
    chance = 1 / setting.classes
    asked, of_class = (
        (share.mean(axis=1) - chance) / (1 - chance) for share in (right, recognised)
    )
    return Descent(
        strengths=strengths, right=right, recognised=recognised,
        memorised=weights @ noise.memorised()[: len(weights)] / weights.sum(),
        coverage=float(of_class.mean()),
        standard_error=float(of_class.std(ddof=1)) / math.sqrt(draws),
        deviation=float(asked.std(ddof=1)),
    )  # fmt: skip


def _strengths(x: Float[Floats, "neurons views draws"]) -> Float[Floats, "draws views"]:
    return np.asarray(np.maximum(x.max(axis=0), 0).T)
