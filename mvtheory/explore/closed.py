"""Plots of closed forms, declared once: evaluated here, and by the page that needs no server.

That page has each formula as JavaScript, printed from its one sympy expression.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.explore.controls import Value
from mvtheory.explore.picture import Axis, Picture, Plot, Series
from mvtheory.formula import Formula
from mvtheory.multiprecision import EXCLUSIVE


@dataclass(frozen=True)
class Term:
    """A formula of the values of controls: of those named as its arguments, unless it is `given`.

    >>> from mvtheory.coverage import ensemble, test_error
    >>> error = Term(test_error, {"coverage": Term(ensemble), "classes": 10})
    >>> error({"views": 2, "networks": 2, "single_view_fraction": 0.5})
    0.1125
    """

    formula: Formula
    given: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, values: Mapping[str, Any]) -> Any:
        def value(given: Any) -> Any:
            if isinstance(given, Term):
                return given(values)
            return values[given] if isinstance(given, str) else given

        return self.formula(**{name: value(given) for name, given in self._arguments().items()})

    def described(self) -> dict[str, Any]:
        """As the page reads it: the formula's name, and its arguments in order."""
        arguments = [
            given.described() if isinstance(given, Term) else given
            for given in self._arguments().values()
        ]
        return {"formula": self.formula.name, "arguments": arguments}

    def formulas(self) -> dict[str, Formula]:
        """Its own and those of the terms within, by name."""
        found = {self.formula.name: self.formula}
        for given in self.given.values():
            found |= given.formulas() if isinstance(given, Term) else {}
        return found

    def _arguments(self) -> dict[str, Any]:
        defaults = dict(self.formula.defaults)
        return {
            name: self.given.get(name, defaults.get(name, name)) for name in self.formula.domain
        }


@dataclass(frozen=True, kw_only=True)
class Curves:
    """A plot of terms, by name, while the control `over` runs over `values`."""

    title: str
    over: Argument
    values: tuple[float, ...]
    x: Axis
    y: Axis
    terms: Mapping[str, Term]

    def plot(self, values: Mapping[str, Value]) -> Plot:
        """With a mark where the control stands."""
        given = {**values, self.over.name: np.array(self.values)}
        series = (
            Series(name=name, x=self.values, y=np.broadcast_to(term(given), len(self.values)))
            for name, term in self.terms.items()
        )
        at = values[self.over.name]
        marks = {f"{self.over.symbol} = {at:g}": float(at)}
        return Plot(title=self.title, x=self.x, y=self.y, series=tuple(series), marks=marks)

    def described(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "title": self.title,
            "over": self.over.name,
            "symbol": self.over.symbol,
            "values": self.values,
            "x": vars(self.x),
            "y": vars(self.y),
            "terms": [[name, term.described()] for name, term in self.terms.items()],
        }


@dataclass(frozen=True, kw_only=True)
class Closed:
    """All that a panel of closed forms shows."""

    plots: tuple[Curves, ...]
    numbers: Mapping[str, Term]

    def __call__(self, **values: Value) -> Picture:
        return Picture(
            plots=tuple(plot.plot(values) for plot in self.plots),
            numbers={name: term(values) for name, term in self.numbers.items()},
        )

    def described(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "plots": [plot.described() for plot in self.plots],
            "numbers": [[name, term.described()] for name, term in self.numbers.items()],
        }

    def formulas(self) -> dict[str, Formula]:
        """Every formula that is shown, by name."""
        terms = [*self.numbers.values(), *(t for plot in self.plots for t in plot.terms.values())]
        return {name: formula for term in terms for name, formula in term.formulas().items()}


def javascript(formula: Formula) -> str:
    """The formula as a function of JavaScript, of its arguments in order.

    >>> from mvtheory.coverage import ensemble
    >>> javascript(ensemble)
    '(M, N) => 1 - Math.pow(1 - 1/M, N)'
    """
    from sympy.printing.jscode import JavascriptCodePrinter

    class Printer(JavascriptCodePrinter):  # type: ignore[misc]
        """With sums and binomial coefficients, functions that the page has."""

        def _print_Sum(self, sum_: Any) -> str:  # noqa: N802
            ((index, low, high),) = sum_.limits
            body = self._print(sum_.function)
            return f"sum({self._print(low)}, {self._print(high)}, {index} => {body})"

        def _print_binomial(self, binomial: Any) -> str:
            return f"binomial({', '.join(map(self._print, binomial.args))})"

    with EXCLUSIVE:
        body = Printer().doprint(formula.symbolic)
    return f"({', '.join(argument.symbol for argument in formula.arguments)}) => {body}"
