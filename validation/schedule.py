"""How long and how fast networks are trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Gradient descent: `rate` for the first `switch` steps, `late_rate` until `steps`.

    Rates are in units of the number of classes: a view of one class gets its gradient from one
    sample in `classes`, so rate 1 moves it as fast whatever their number.
    """

    steps: int
    rate: float
    switch: int
    late_rate: float

    def at(self, step: int) -> float:
        return self.rate if step < self.switch else self.late_rate

    @property
    def time(self) -> float:
        """Sum of the rates: the time that gradient flow would have run."""
        early = min(self.steps, self.switch)
        return early * self.rate + (self.steps - early) * self.late_rate
