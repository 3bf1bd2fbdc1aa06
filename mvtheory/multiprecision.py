"""Guarded evaluation: a sympy expression to any number of digits, cancellation noticed."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import mpmath
    import sympy

MOST_BITS = 2**16
"""Working precision at which a value of few digits is given up, or taken for 0 if negligible."""


class NoConvergence(RuntimeError):  # noqa: N818, the field's word
    """The accuracy asked for was not reached; `residual` is the last relative change."""

    def __init__(self, message: str, residual: float):
        super().__init__(f"{message} (relative residual {residual:.1e})")
        self.residual = residual


def function_of(symbols: list[Any], expression: "sympy.Expr") -> Callable[..., Any]:
    """The expression as a function of mpmath numbers at the working precision."""
    import mpmath
    import sympy

    def steps(start: Any, stop: Any) -> Iterator[Any]:
        """The range of a printed sum, in mpmath numbers so that i/M is no float."""
        yield from (mpmath.mpf(i) for i in range(int(start), int(stop)))

    function: Callable[..., Any] = sympy.lambdify(symbols, expression, "mpmath")
    function.__globals__["range"] = steps
    return function


def guarded(
    name: str, function: Callable[..., Any], arguments: list[Any], digits: int
) -> "mpmath.mpf":
    """Evaluate at doubling precision until two values agree to `digits` and three more.

    Two roundings at different precision do not agree by accident, except on 0, where everything
    may have been rounded away; so 0 is believed only at the last precision. `arguments` are
    Fractions, and tuples of them for vectors; `name` is for the error.
    """
    import mpmath

    bits = int((digits + 3) * 3.33) + 32
    most = max(MOST_BITS, 4 * bits)
    target = mpmath.mpf(10) ** -(digits + 3)
    current, change = mpmath.mpf(0), mpmath.inf
    while bits <= most and not change <= target:
        previous = current
        with mpmath.workprec(bits):
            current = mpmath.mpf(function(*(_number(argument) for argument in arguments)))
            scale = max(abs(current), abs(previous))
            change = abs(current - previous) / scale if scale else mpmath.inf
        bits *= 2
    if change <= target:
        return current
    if abs(current) < mpmath.mpf(2) ** (-most // 4):
        return mpmath.mpf(0)
    raise NoConvergence(f"{name}: {digits} digits were not reached", float(change))


def _number(value: Any) -> Any:
    """A Fraction at the working precision; a vector as a table from sympy's indices 1, 2, ..."""
    import mpmath

    if isinstance(value, tuple):
        return {mpmath.mpf(i): _number(entry) for i, entry in enumerate(value, start=1)}
    return mpmath.mpf(value.numerator) / value.denominator
