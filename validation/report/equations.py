"""Formulas of the theory as a report shows them, set by matplotlib, so that no fonts are needed."""

import re
from dataclasses import dataclass
from functools import cache

import mvtheory
from validation.report.svg import svg


@dataclass(frozen=True)
class Equation:
    """A formula, and what is said of it."""

    name: str
    summary: str
    status: str
    source: str
    latex: str


@cache
def equation(name: str) -> Equation:
    """The formula of that name."""
    formula = mvtheory.lookup(name)
    assert isinstance(formula, mvtheory.Formula)
    return Equation(
        name, formula.summary, formula.status_text, str(formula.source), formula.equation()
    )


EDGE = 12
"""Points around an equation, both sides together."""
CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)


LETTER = re.compile(r"(?<![\\A-Za-z])(Lambda|log)(?![A-Za-z])")
"""Names that symbols of formulas write out."""


def one_line(latex: str) -> str:
    """As matplotlib sets it: cases side by side, for it has no environments, and no names of
    letters written out."""

    def beside(cases: re.Match[str]) -> str:
        branches = [branch.split("&") for branch in cases[1].split(r"\\") if branch.strip()]
        return r",\quad ".join(rf"{value.strip()}\;({when.strip()})" for value, when in branches)

    return LETTER.sub(r"\\\1", CASES.sub(beside, latex))


@cache
def typeset(latex: str) -> str:
    """An equation as an SVG element."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # Measured as it is drawn, by the letters' own outlines: it is then parsed but once.
    figure = Figure(figsize=(12, 2), dpi=FigureCanvasSVG.fixed_dpi)
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    text = figure.text(
        0.5, 0.5, f"${one_line(latex)}$", fontsize=17, math_fontfamily="cm", ha="center"
    )
    box = text.get_window_extent()
    width, height = (box.width + EDGE) / figure.dpi, (box.height + EDGE) / figure.dpi
    middle = (0.5 * 2 * figure.dpi - box.y0 + EDGE / 2) / figure.dpi
    figure.set_size_inches(width, height)
    text.set_position((0.5, middle / height))
    return svg(figure)
