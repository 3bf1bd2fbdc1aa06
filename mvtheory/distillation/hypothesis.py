"""One hypothesis beside what was measured, and the rule by which it holds."""

from dataclasses import dataclass

SIGMAS = 4.0
"""Standard errors within which a hypothesis holds: 30 of them fail by chance once in 500 times."""
SMALL = 0.02
"""Relative deviation below which it holds even where the samples resolve the deviation."""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One hypothesis beside one set of outputs.

    `observed` and `expected` are in the same unit, `standard_error` is that of their difference;
    `size` says in words how large the difference is. `of_data` marks hypotheses on the arguments,
    without which advice is doubtful; the others concern the random-matrix theory alone.

    Examples
    --------
    >>> found = judged("mean", "rows are as assumed", 0.62, 0.5, 0.02)
    >>> print(found)
    mean does not hold: 0.62 against 0.5, 24% off, 6 standard errors (rows are as assumed)
    """

    name: str
    hypothesis: str
    observed: float
    expected: float
    standard_error: float
    holds: bool
    size: str
    of_data: bool = False

    @property
    def verdict(self) -> str:
        """Whether it holds, with the measured size."""
        return f"{'holds' if self.holds else 'does not hold'}: {self.size}"

    def __str__(self) -> str:
        return f"{self.name} {self.verdict} ({self.hypothesis})"


def judged(
    name: str,
    hypothesis: str,
    observed: float,
    expected: float,
    error: float,
    size: str | None = None,
    relative: float | None = None,
    at_most: bool = False,
    of_data: bool = False,
) -> Diagnostic:
    """A diagnostic that holds within SIGMAS errors, or if its relative size is below SMALL.

    The relative size is |observed/expected - 1| unless another measure of it is given; `at_most`
    lets values below the expected one hold too.
    """
    off = float(observed - expected)
    if relative is None:
        relative = abs(off / expected) if expected else float(off != 0)
    if size is None:
        distance = f", {abs(off) / error:.2g} standard errors" if error > 0 else ""
        size = f"{observed:.4g} against {expected:.4g}, {100 * relative:.2g}% off{distance}"
    holds = (at_most and off <= 0) or abs(off) <= SIGMAS * error or relative < SMALL
    return Diagnostic(
        name=name,
        hypothesis=hypothesis,
        observed=float(observed),
        expected=float(expected),
        standard_error=float(error),
        holds=bool(holds),
        size=size,
        of_data=of_data,
    )


def doubted(
    name: str, hypothesis: str, observed: float, expected: float, error: float, holds: bool,
    size: str, remedy: str,
) -> Diagnostic:  # fmt: skip
    """A diagnostic of the data; its `size` tells the remedy too if it does not hold."""
    return Diagnostic(
        name=name,
        hypothesis=hypothesis,
        observed=float(observed),
        expected=float(expected),
        standard_error=float(error),
        holds=bool(holds),
        size=size if holds else f"{size}: {remedy}",
        of_data=True,
    )
