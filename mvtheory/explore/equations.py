"""Equations in sympy, as browsers show them and as people copy them."""

from typing import Any

from mvtheory.formula import Formula
from mvtheory.multiprecision import EXCLUSIVE


def of_formula(formula: Formula, symbol: str = "") -> Any:
    """The equation of a closed form, with another symbol on its left if one is given."""
    import sympy

    with EXCLUSIVE:
        return sympy.Eq(sympy.Symbol(symbol or formula.symbol), formula.symbolic, evaluate=False)


def written(equation: Any) -> dict[str, str]:
    """An equation as MathML and as LaTeX.

    >>> import sympy
    >>> written(sympy.Function("Phi_0")(sympy.Symbol("x")))["mathml"]
    '<mrow><msub><mi>&#934;</mi><mi>0</mi></msub><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>'
    """
    import sympy
    from sympy.core.function import AppliedUndef
    from sympy.printing.mathml import MathMLPresentationPrinter

    class Printer(MathMLPresentationPrinter):  # type: ignore[misc]
        """With products, and names of functions as those of symbols are written."""

        def _print_Function(self, applied: Any) -> Any:  # noqa: N802
            if not isinstance(applied, AppliedUndef):
                return super()._print_Function(applied)
            row = self.dom.createElement("mrow")
            row.appendChild(self._print(sympy.Symbol(applied.func.__name__)))
            row.appendChild(self._paren_comma_separated(*applied.args))
            return row

        def _print_Product(self, product: Any) -> Any:  # noqa: N802
            return self._print_Sum(product)

        def mathml_tag(self, expression: Any) -> str:
            tags = {"Product": "&#x220F;", "Derivative": "d"}
            name = type(expression).__name__
            return tags.get(name) or str(super().mathml_tag(expression))

    with EXCLUSIVE:
        # The double-struck d is in few fonts.
        shown = Printer().doprint(equation).replace("&dd;", "d")
        return {"mathml": shown, "latex": str(sympy.latex(equation))}
