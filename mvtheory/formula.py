"""Closed forms: one symbolic expression, evaluated exactly, in floats and at any precision."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mvtheory import formula_text
from mvtheory.arguments import Argument, meant
from mvtheory.inverse import asked, curve_of, obstacle, solve
from mvtheory.multiprecision import EXCLUSIVE, function_of, guarded
from mvtheory.references import Source

if TYPE_CHECKING:
    import mpmath
    import sympy

NOTHING = formula_text.NOTHING


@dataclass(frozen=True)
class Case:
    """A part of a formula's domain with another status than the rest of it.

    Parameters
    ----------
    status : str
        Of the formula there; NOTHING for a bound that is vacuous there.
    where : str
        Which part, in the symbols of the arguments: "at M = 2".
    holds : callable
        From the value and the arguments, as arrays by name, to whether it is that part.
    """

    status: str
    where: str
    holds: Callable[..., Any]


def typeset(symbol: str) -> str:
    r"""A quantity's symbol as LaTeX: Greek letters by their names, words upright.

    >>> print(typeset("Var C"), typeset("Lambda_2"), typeset("log(B_k/B_j)"), typeset("a_dual"))
    \operatorname{Var} C \Lambda_{2} \operatorname{log}(B_{k}/B_{j}) a_{dual}
    """
    import sympy

    def word(found: re.Match[str]) -> str:
        name = found[0]
        upright = name in ("Var", "log")
        return rf"\operatorname{{{name}}}" if upright else str(sympy.latex(sympy.Symbol(name)))

    return re.sub(r"[A-Za-z]+(_\w+)?", word, symbol)


@dataclass(frozen=True, eq=False)
class Formula:
    """A closed form of the theory.

    Call it with keyword arguments: numbers in, float out; arrays broadcast. It is evaluated in
    four ways that agree: `f(...)`, `f.exact(...)`, `f.high_precision(..., digits=50)` and, for the
    inverse, `f.solve(name, value=..., ...)`.

    Parameters
    ----------
    name, summary : str
        The name in `mvtheory.coverage` and one sentence.
    symbol, quantity : str
        What is computed: its symbol, and its name with the unit.
    arguments : tuple of Argument
        Names, symbols and ranges.
    expression : callable
        From sympy symbols, by argument name, to the one sympy expression. Called when first
        needed, so that importing the theory does not import sympy.
    source : Source
    status : str
        What the result is: proved, proved asymptotically, exact, bound, heuristic of the paper,
        our extension. `status_text` adds the cases, `status_at` tells it for given arguments.
    stable : callable, optional
        The same function of numpy arrays without the cancellation of the plain form. Without
        it, floats come from the guarded evaluation: right, but one element at a time.
    well_conditioned : bool
        Whether the expression, of numpy arrays, keeps their digits: then it is `stable` itself.
    arithmetic : bool
        Whether the expression is one of mpmath numbers as well, as sums, products and powers are:
        the guarded evaluation then does without sympy.
    defaults : dict, optional
        Values of arguments that may be left out.
    integer_valued : bool
        Whether values are whole numbers, returned as int.
    cases : tuple of Case, optional
        Parts of the domain with another status, the first that holds first.
    monotone : tuple of str, optional
        Arguments in which the formula never turns, so that `solve` need not search.
    landmarks : callable, optional
        From an argument's name and the others' values to points of it between which the formula
        turns once at most, where it turns too sharply for `solve` to search evenly.
    continued_from : tuple of (str, float), optional
        Where the real continuation of an integer argument begins, if not at the end of its range.
    notes : str
        What else a user should know.

    Examples
    --------
    >>> from mvtheory.coverage import ensemble
    >>> ensemble(views=3, networks=[1, 3, 5])
    array([0.33333333, 0.7037037 , 0.86831276])
    >>> ensemble.exact(views=3, networks=5)
    211/243
    >>> import mpmath
    >>> mpmath.nstr(ensemble.high_precision(views=3, networks=5, digits=30), 30)
    '0.868312757201646090534979423868'
    >>> round(ensemble.solve("networks", views=3, value=0.95), 6)
    7.388385
    >>> [str(status) for status in ensemble.status_at(views=[2, 3], networks=5)]
    ['proved asymptotically', 'our extension']
    """

    name: str
    summary: str
    symbol: str
    quantity: str
    arguments: tuple[Argument, ...]
    expression: Callable[..., Any]
    source: Source
    status: str
    stable: Callable[..., NDArray[np.float64]] | None = None
    well_conditioned: bool = False
    arithmetic: bool = False
    defaults: tuple[tuple[str, Any], ...] = ()
    integer_valued: bool = False
    cases: tuple[Case, ...] = ()
    monotone: tuple[str, ...] = ()
    landmarks: Callable[..., tuple[float, ...]] | None = None
    continued_from: tuple[tuple[str, float], ...] = ()
    notes: str = ""

    __test__: ClassVar[bool] = False
    """Keeps pytest from taking the formula `test_error` for a test."""

    def __post_init__(self) -> None:
        if self.well_conditioned:
            object.__setattr__(self, "stable", self.expression)
        # What a shell completes: the formula's own arguments.
        object.__setattr__(self, "__signature__", self._signature())

    def __repr__(self) -> str:
        return formula_text.in_two_lines(self)

    def __init_subclass__(cls) -> None:
        cls.__doc__ = formula_text.Documented(cls.__doc__)  # type: ignore[assignment]

    def _signature(self) -> inspect.Signature:
        defaults = dict(self.defaults)
        empty = inspect.Parameter.empty
        return inspect.Signature(
            [
                inspect.Parameter(
                    a.name, inspect.Parameter.KEYWORD_ONLY, default=defaults.get(a.name, empty)
                )
                for a in self.arguments
            ]
        )

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.equation()}$"

    def _repr_html_(self) -> str:
        return formula_text.html(self)

    @property
    def signature(self) -> str:
        """Name and arguments, with defaults."""
        return f"{self.name}{self._signature()}"

    @property
    def domain(self) -> dict[str, Argument]:
        """Argument by name, with its range."""
        return {argument.name: argument for argument in self.arguments}

    @property
    def status_text(self) -> str:
        """The status, and that of the parts of the domain where it is another."""
        return "; ".join([self.status, *(f"{case.status} {case.where}" for case in self.cases)])

    def status_at(self, *unnamed: Any, **values: Any) -> Any:
        """The status for the arguments: a str, or an array of them for array arguments."""
        value = self(*unnamed, **values)
        checked = {a.name: a.check(values[a.name]) for a in self.complete(values)}
        return self.status_of(value, {n: np.asarray(v, float) for n, v in checked.items()})

    def status_of(self, value: Any, arguments: dict[str, Any]) -> Any:
        """The status of a value that is known, for arguments as floats or arrays of them."""
        found = np.full(np.shape(value), self.status, dtype=object)
        for case in reversed(self.cases):
            found = np.where(case.holds(value, **arguments), case.status, found)
        return found.item() if found.ndim == 0 else found.astype(str)

    @property
    def solvable(self) -> tuple[str, ...]:
        """The arguments that `solve` can be asked for."""
        return tuple(name for name in self.domain if self.obstacle(name) is None)

    def obstacle(self, name: str) -> str | None:
        """Why `solve` cannot be asked for this argument; None if it can."""
        return obstacle(self.domain[name], self.symbols[name], self.symbolic)

    @cached_property
    def symbols(self) -> dict[str, Any]:
        """Sympy symbol of each argument; an indexed one for a vector."""
        import sympy

        return {
            a.name: sympy.IndexedBase(a.symbol)
            if a.vector
            else sympy.Symbol(a.symbol, integer=a.integer or None, nonnegative=True)
            for a in self.arguments
        }

    @cached_property
    def symbolic(self) -> "sympy.Expr":
        """The expression in sympy."""
        import sympy

        with EXCLUSIVE:
            return sympy.sympify(self.expression(**self.symbols))

    def latex(self) -> str:
        """The right-hand side as LaTeX."""
        import sympy

        with EXCLUSIVE:
            return str(sympy.latex(self.symbolic))

    def equation(self) -> str:
        """The whole equation as LaTeX."""
        return f"{typeset(self.symbol)} = {self.latex()}"

    def __call__(self, *unnamed: Any, **values: Any) -> Any:
        """Value in double precision, within 1e-14 relative; see the class."""
        checked = {a.name: a.check(values[a.name]) for a in self.complete(values, unnamed)}
        if self.stable is None:
            result = self._elementwise(checked)
        else:
            floats = {name: np.asarray(v, dtype=float) for name, v in checked.items()}
            with np.errstate(all="ignore"):  # poles inside the domain have finite limits
                result = np.asarray(self.stable(**floats))
        if self.integer_valued:
            result = result.astype(np.int64)
        return result.item() if result.ndim == 0 else result

    def exact(self, *unnamed: Any, **values: Any) -> "sympy.Expr":
        """Exact value as a sympy number.

        Whole numbers, fractions and decimal strings such as ``"0.7"`` or ``"2/3"`` are exact; a
        float stands for its exact binary value.
        """
        import sympy

        rationals = {a.name: a.exact(values[a.name]) for a in self.complete(values, unnamed)}
        with EXCLUSIVE:
            expression, substituted = self.symbolic, {}
            for name, value in rationals.items():
                symbol = self.symbols[name]
                if isinstance(value, Fraction):
                    substituted[symbol] = sympy.Rational(value.numerator, value.denominator)
                    continue
                entries = [sympy.Rational(v.numerator, v.denominator) for v in value]
                expression = expression.subs(sympy.Symbol("M", integer=True), len(entries)).doit()
                expression = expression.subs({symbol[i + 1]: e for i, e in enumerate(entries)})
            return sympy.simplify(expression.subs(substituted).doit())

    def high_precision(self, digits: int = 50, *unnamed: Any, **values: Any) -> "mpmath.mpf":
        """Value as an mpmath number, right to `digits` decimal digits; inputs as in `exact`.

        Print it with ``mpmath.nstr(value, digits)``: mpmath shows 15 digits otherwise.
        """
        self._check_digits(digits, unnamed, values)
        rationals = {a.name: a.exact(values[a.name]) for a in self.complete(values)}
        return self.guarded(rationals, digits)

    def solve(self, name: str, value: float, **values: Any) -> float:
        """The `name` at which the formula takes `value`: a real number, the smallest if several.

        Integer arguments are continued to real ones: round up for a number that suffices.
        Raises ValueError for a `name` that is not in `solvable`, and where the formula does not
        reach `value` on its declared range.
        """
        return solve(curve_of(self, *asked(self, name, value, values)), value)

    def _check_digits(self, digits: int, unnamed: tuple[Any, ...], values: dict[str, Any]) -> None:
        if unnamed:
            self.complete(values, (digits, *unnamed))
        if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 10_000:
            raise ValueError(
                f"digits={digits!r} is not allowed: an integer, 1 <= digits <= 10000; "
                "choose a value in this range"
            )

    def complete(
        self, values: dict[str, Any], unnamed: tuple[Any, ...] = ()
    ) -> tuple[Argument, ...]:
        """All arguments, after filling in defaults; ValueError on wrong names."""
        takes = f"{self.name} takes {self.signature}"
        if unnamed:
            # Views and networks in the wrong order would be a wrong number without a warning.
            named = dict(zip(self.domain, unnamed, strict=False)) | values
            call = ", ".join(f"{name}={named.get(name, '...')!s}" for name in self.domain)
            raise ValueError(f"{takes}: give arguments by name, {self.name}({call})")
        for name in values:
            if name not in self.domain:
                hint = meant(name, self.arguments)
                raise ValueError(f"argument {name!r} is unknown: {hint}{takes}")
        for name, default in self.defaults:
            values.setdefault(name, default)
        for name in self.domain:
            if name not in values:
                raise ValueError(f"argument {name!r} is missing: {takes}")
        return self.arguments

    def _elementwise(self, checked: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        arrays = np.broadcast_arrays(*checked.values())
        result = np.empty(arrays[0].shape)
        for index in np.ndindex(result.shape):
            exact = {n: Fraction(a[index].item()) for n, a in zip(checked, arrays, strict=True)}
            result[index] = float(self.guarded(exact, 17))
        return result

    @cached_property
    def _multiprecision(self) -> Callable[..., Any]:
        if self.arithmetic:
            return lambda own, *numbers: self.expression(
                **dict(zip(self.domain, numbers, strict=True))
            )
        import sympy

        symbols = [self.symbols[a.name] for a in self.arguments]
        # A vector's length is M, the number of views.
        lengths = [sympy.Symbol("M", integer=True) for a in self.arguments if a.vector]
        return function_of(symbols + lengths, self.symbolic)

    def guarded(self, exact: dict[str, Any], digits: int) -> "mpmath.mpf":
        """Value of arguments given as Fractions, to `digits` digits; see `multiprecision`."""
        lengths = [Fraction(len(value)) for value in exact.values() if isinstance(value, tuple)]
        return guarded(self.name, self._multiprecision, [*exact.values(), *lengths], digits)


# What a shell shows on `ensemble?`: the formula's own facts, of the class its own.
Formula.__doc__ = formula_text.Documented(Formula.__doc__)  # type: ignore[assignment]
