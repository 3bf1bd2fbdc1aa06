"""How networks are trained: the method, its rate and how both change."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

Method = Literal["sgd", "momentum", "adam"]


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """Gradient descent on the mean loss of a batch.

    Parameters
    ----------
    method : {"sgd", "momentum", "adam"}
        Plain stochastic gradient descent, heavy-ball momentum or Adam, with the same steps as
        torch.optim.SGD and torch.optim.Adam.
    rate : float
        Learning rate, > 0.
    final : float
        Share of the rate that is left at the last step, in (0, 1]; the rate falls linearly.
    weight_decay : float
        Added to the gradient, times the parameters; >= 0.
    momentum : float
        Share of the velocity that a step of "momentum" keeps, in [0, 1).
    averaging : (float, float)
        Shares of the means of the gradient and of its square that a step of "adam" keeps, in
        [0, 1).

    Examples
    --------
    >>> falling = Optimizer(method="adam", rate=0.002, final=0.1)
    >>> [round(falling.at(step, steps=3), 6) for step in range(3)]
    [0.0014, 0.0008, 0.0002]
    """

    method: Method = "sgd"
    rate: float
    final: float = 1.0
    weight_decay: float = 0.0
    momentum: float = 0.9
    averaging: tuple[float, float] = (0.9, 0.999)

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise ValueError(f"method={self.method!r} is not known; "
                             f"choose one of {', '.join(get_args(Method))}")  # fmt: skip
        for name, value, right, range_text in (
            ("rate", self.rate, 0 < self.rate < math.inf, "a finite number > 0"),
            ("final", self.final, 0 < self.final <= 1, "in (0, 1]"),
            ("weight_decay", self.weight_decay, 0 <= self.weight_decay < math.inf, "finite, >= 0"),
            ("momentum", self.momentum, 0 <= self.momentum < 1, "in [0, 1)"),
            ("averaging", self.averaging, all(0 <= b < 1 for b in self.averaging), "in [0, 1)"),
        ):
            if not right:
                raise ValueError(f"{name}={value} is not allowed ({range_text}); "
                                 "choose a value in this range")  # fmt: skip

    def at(self, step: int, steps: int) -> float:
        """The rate of a step, counted from 0, of a run of `steps`."""
        return self.rate * (1 - (1 - self.final) * (step + 1) / steps)
