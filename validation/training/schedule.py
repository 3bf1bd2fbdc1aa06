"""How long and how fast networks are trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Gradient descent: `rate` and `momentum` for the first `switch` steps, then the late ones.

    Momentum, in [0, 1), is the share of the velocity that a step keeps (heavy ball). It makes
    a step last 1/(1 - momentum) times as long; on a quadratic it is stable up to 1 + momentum times
    the largest rate of plain descent.

    Rates are in units of the number of classes: a view of one class gets its gradient from one
    sample in `classes`, so rate 1 moves it as fast whatever their number.

    With `adaptive` in (0, 1) steps are Adam's: it is the share of the mean square of the gradient
    that a step keeps, `momentum` that of its mean, and a rate is what a weight moves in a step.
    Gradient flow has then no time that a step lasts.
    """

    steps: int
    rate: float
    switch: int
    late_rate: float
    momentum: float = 0.0
    late_momentum: float = 0.0
    adaptive: float = 0.0

    def at(self, step: int) -> tuple[float, float]:
        """Rate and momentum of a step."""
        early = step < self.switch
        return (self.rate, self.momentum) if early else (self.late_rate, self.late_momentum)

    def lasts(self, step: int) -> float:
        """How long gradient flow would have run in a step."""
        rate, momentum = self.at(step)
        return rate / (1 - momentum)

    @property
    def time(self) -> float:
        """How long gradient flow would have run in all steps."""
        return sum(self.lasts(step) for step in range(self.steps))
