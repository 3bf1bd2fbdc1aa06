"""How long and how fast networks are trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Gradient descent: `rate` for the first `switch` steps, `late_rate` until `steps`.

    `momentum`, in [0, 1), is the share of the velocity that a step keeps (heavy ball).

    Rates are in units of the number of classes: a view of one class gets its gradient from one
    sample in `classes`, so rate 1 moves it as fast whatever their number.
    """

    steps: int
    rate: float
    switch: int
    late_rate: float
    momentum: float = 0.0

    def at(self, step: int) -> float:
        return self.rate if step < self.switch else self.late_rate

    @property
    def time(self) -> float:
        """The time that gradient flow would have run: the sum of the rates.

        Momentum makes each step last 1/(1 - momentum) as long.
        """
        early = min(self.steps, self.switch)
        total = early * self.rate + (self.steps - early) * self.late_rate
        return total / (1 - self.momentum)
