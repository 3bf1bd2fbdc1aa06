"""The wide experiment: the kernel of gradients of perceptrons on digits, by their width.

`WideSetting` holds every number of it.
"""

import math
from dataclasses import dataclass

from validation.experiments.description import Described
from validation.experiments.fitted import fits, fitted
from validation.trial.claim import Expectation, Measured, Sample


@dataclass(frozen=True, kw_only=True)
class WideSetting(Described):
    """A replicate is a draw of digits, and `starts` perceptrons of each of the `widths`.

    A network of width m answers a' tanh(W x) / m^(1/2), less what it answered at its start, with
    Gaussian weights of deviation 1 and images of length 1. Both layers are trained by descent on
    half the mean squared distance to centred one-hot labels, for `steps` at `rate`, as far at every
    width. Kernels, K(x, x') the mean over outputs of <dF/dw (x), dF/dw (x')>, are taken on `asked`
    other images.
    """

    experiment = "wide"
    trainer = "validation.experiments.wide.training"

    widths: tuple[int, ...]
    samples: int = 80
    asked: int = 50
    starts: int = 4
    steps: int = 120
    rate: float = 2.0

    def __post_init__(self) -> None:
        if len(self.widths) < 2 or list(self.widths) != sorted(set(self.widths)):
            raise ValueError(
                f"widths={self.widths} is not allowed (two at least, ascending, for what changes "
                "from one to the next); give more widths in order"
            )

    @property
    def label(self) -> str:
        return f"digits, {self.samples} samples, widths {self.widths[0]} to {self.widths[-1]}"

    @property
    def networks(self) -> int:
        return self.starts * len(self.widths)

    @property
    def training_samples(self) -> int:
        return self.samples

    @property
    def doublings(self) -> float:
        """From the narrowest network to the widest."""
        return math.log2(self.widths[-1] / self.widths[0])

    @property
    def work(self) -> float:
        return super().work * self.samples * 74 * sum(self.widths)


def settings(preset: str) -> tuple[WideSetting, ...]:
    widths, samples = {
        "smoke": ((16, 64), 20),
        "quick": ((256, 2048), 60),
        "standard": ((256, 1024, 4096), 200),
        "full": ((256, 1024, 4096), 400),
    }[preset]
    return (WideSetting(widths=widths, samples=samples, starts=2 if preset == "smoke" else 4),)


def require(setting: WideSetting) -> list[Expectation]:
    """Kernels that stay say nothing where nothing has been learned."""
    return [fits(setting, 0.95, 0.01)]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured)]
