"""Many digits: mpmath in contexts of our own, and guarded evaluation of sympy expressions.

mpmath's precision belongs to the whole process, and so do its tables of constants: two threads
that work in it at once change each other's numbers. Everything here that needs digits takes a
`context` of its own, one thread at a time.
"""

import functools
import math
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import mpmath
    import sympy

MOST_BITS = 2**16
"""Working precision at which a value of few digits is given up, or taken for 0 if negligible."""


EXCLUSIVE = threading.RLock()
"""Held while mpmath or sympy compute: their caches of constants are filled without a lock."""
SMALL = 1000
"""Factorials up to this one are kept as whole numbers: quicker than a gamma function."""
_FREE: list[Any] = []
"""Contexts that nobody uses now: making one takes a millisecond."""


@contextmanager
def context(*, digits: int | None = None, bits: int | None = None) -> Iterator[Any]:
    """An mpmath context of that working precision, for the block alone.

    Use it in place of the module: ``with context(digits=60) as mp: mp.sqrt(mp.mpf(2))``.
    """
    with EXCLUSIVE:
        own = _FREE.pop() if _FREE else _new_context()
        if digits is not None:
            own.dps = digits
        else:
            own.prec = bits
        try:
            yield own
        finally:
            _FREE.append(own)


def _new_context() -> Any:
    import mpmath

    return mpmath.MPContext()


class NoConvergence(RuntimeError):  # noqa: N818, the field's word
    """The accuracy asked for was not reached; `residual` is the last relative change.

    `everywhere`: not at one point of several, but of what all of them need.

    Examples
    --------
    >>> print(NoConvergence("the root was not found", 0.25))
    the root was not found (relative residual 2.5e-01)
    """

    def __init__(self, message: str, residual: float, everywhere: bool = False):
        super().__init__(f"{message} (relative residual {residual:.1e})")
        self.message, self.residual, self.everywhere = message, residual, everywhere


_factorial = functools.lru_cache(maxsize=SMALL + 1)(math.factorial)


def _gamma_of(own: Any) -> Callable[[Any], Any]:
    """The gamma function at the precision that a context has now: the terms of a printed sum of
    binomials ask for the same values over and over."""

    @functools.cache
    def gamma(x: Any) -> Any:
        if 1 <= x <= SMALL + 1 and (whole := int(x)) == x:
            return own.mpf(_factorial(whole - 1))
        return own.gamma(x)

    return gamma


def function_of(symbols: list[Any], expression: "sympy.Expr") -> Callable[..., Any]:
    """The expression as a function of a context and of numbers of that context."""
    import mpmath
    import sympy
    from sympy.utilities.lambdify import MPMATH_TRANSLATIONS

    with EXCLUSIVE:
        printed = sympy.lambdify(symbols, expression, "mpmath")
    # sympy gives it all of mpmath, bound to the context of the process: of that, what it calls.
    given = {word: printed.__globals__[word] for word in _names(printed.__code__)
             if word in printed.__globals__}  # fmt: skip
    words = {word: MPMATH_TRANSLATIONS.get(word, word) for word in given}
    words = {word: name for word, name in words.items() if hasattr(mpmath.mp, name)}

    def function(own: Any, *arguments: Any) -> Any:
        def steps(start: Any, stop: Any) -> Iterator[Any]:
            """The range of a printed sum, in mpmath numbers so that i/M is no float."""
            yield from (own.mpf(i) for i in range(int(start), int(stop)))

        bound = {word: getattr(own, name) for word, name in words.items()}
        names = given | bound | {"range": steps, "gamma": _gamma_of(own)}
        return types.FunctionType(printed.__code__, names)(*arguments)

    return function


def _names(code: types.CodeType) -> set[str]:
    """The names that a function looks up, in the sums and conditions inside of it too."""
    inner = (_names(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*inner)


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
    with context(bits=bits) as mp:
        target = mp.mpf(10) ** -(digits + 3)
        current, change = mp.mpf(0), mp.inf
        while bits <= most and not change <= target:
            previous, mp.prec = current, bits
            current = mp.mpf(function(mp, *(_number(mp, argument) for argument in arguments)))
            scale = max(abs(current), abs(previous))
            change = abs(current - previous) / scale if scale else mp.inf
            bits *= 2
        if not change <= target:
            if not abs(current) < mp.mpf(2) ** (-most // 4):
                raise NoConvergence(f"{name}: {digits} digits were not reached", float(change))
            current = mp.mpf(0)
    # Without the rounding that mpf(...) would do at the precision of the process.
    return mpmath.mp.make_mpf(current._mpf_)


def _number(mp: Any, value: Any) -> Any:
    """A Fraction in the context; a vector as a table from sympy's indices 1, 2, ..."""
    if isinstance(value, tuple):
        return {mp.mpf(i): _number(mp, entry) for i, entry in enumerate(value, start=1)}
    return mp.mpf(value.numerator) / value.denominator
