"""How networks for images are trained: how long, how fast and on which changes of the images."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

Schedule = Literal["cosine", "one-cycle"]
RISE = 0.25
"""Share of a cycle in which the rate rises."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Stochastic gradient descent with Nesterov's momentum, and augmentation.

    Parameters
    ----------
    epochs : int
        >= 1.
    batch : int
        Images in a step, >= 2, because one image has no variance for batch norm. A remainder
        smaller than a batch is left out of an epoch; where there are fewer images they are the
        batch.
    rate : float
        Largest learning rate, > 0.
    momentum : float
        Share of the velocity that a step keeps, in [0, 1).
    weight_decay : float
        Added to the gradient times the weights, >= 0; not for batch norm and biases.
    schedule : {"cosine", "one-cycle"}
        The rate falls from `rate` to 0 as half a cosine (Loshchilov & Hutter, 2017), or rises
        linearly in the first quarter of all steps and falls linearly to 0 (Smith & Topin, 2018).
    shift : int
        The image is moved by up to so many pixels, each way alike, over a ground of 0; >= 0.
    flip : bool
        Every second image, by chance, is mirrored left to right.
    cutout : int
        Side of a square that is set to 0, its middle anywhere on the image, >= 0; what hangs
        over is cut (DeVries & Taylor, 2017).

    Raises
    ------
    ValueError
        For an argument out of its range.

    Examples
    --------
    >>> recipe = Recipe(epochs=30, rate=0.2, schedule="one-cycle", shift=4, flip=True)
    >>> [round(recipe.at(step, steps=7), 3) for step in range(7)]
    [0.1, 0.2, 0.167, 0.133, 0.1, 0.067, 0.033]
    """

    epochs: int
    batch: int = 128
    rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: Schedule = "cosine"
    shift: int = 0
    flip: bool = False
    cutout: int = 0

    def __post_init__(self) -> None:
        if self.schedule not in get_args(Schedule):
            raise ValueError(f"schedule={self.schedule!r} is not known; "
                             f"choose one of {', '.join(get_args(Schedule))}")  # fmt: skip
        for name, low in (("epochs", 1), ("batch", 2), ("shift", 0), ("cutout", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise ValueError(f"{name}={value!r} is not allowed (a whole number from {low} on); "
                                 "choose one in this range")  # fmt: skip
        for name, right, range_text in (
            ("rate", 0 < self.rate < math.inf, "a finite number > 0"),
            ("momentum", 0 <= self.momentum < 1, "in [0, 1)"),
            ("weight_decay", 0 <= self.weight_decay < math.inf, "finite, >= 0"),
        ):
            if not right:
                raise ValueError(f"{name}={getattr(self, name)} is not allowed ({range_text}); "
                                 "choose a value in this range")  # fmt: skip

    @property
    def changes_images(self) -> bool:
        return bool(self.shift or self.flip or self.cutout)

    def at(self, step: int, steps: int) -> float:
        """The rate of a step, counted from 0, of a run of `steps`."""
        if self.schedule == "cosine":
            return self.rate * (1 + math.cos(math.pi * step / steps)) / 2
        # So that neither the first nor the last step is lost.
        passed = (step + 1) / (steps + 1)
        return self.rate * min(passed / RISE, (1 - passed) / (1 - RISE))
