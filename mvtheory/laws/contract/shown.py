"""What a shell and a notebook show of a law."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mvtheory.html import card, curve
from mvtheory.laws.contract.spectrum import Spectrum
from mvtheory.multiprecision import NoConvergence

SHOWN = 3
"""Intervals and atoms that are named; more are counted."""
TOP = 0.97
"""Quantile of the heights that the curve shows: a density may be infinite."""


class Law(Spectrum, Protocol):
    """What is shown of one."""

    @property
    def mean(self) -> float: ...

    @property
    def std(self) -> float: ...

    def pdf(self, x: Any) -> Any: ...

    def levy(self, number: Callable[[Any], Any]) -> Any: ...


def in_two_lines(law: Law) -> str:
    """How it is made, and below it where it lies, its mean and its standard deviation."""
    return f"{law!r}\n {_facts(law)}"


def html(law: Law) -> str:
    """The same with the first sentence of its docstring and its density."""
    text = (inspect.getdoc(type(law)) or "").partition("\n\n")[0].replace("\n", " ")
    lines = [text, *filter(None, [_told(_equation, law)])]
    return card(repr(law), lines, [("", _facts(law))], _told(_density, law))


def _equation(law: Law) -> str:
    """R by the free Levy triplet, of laws that have one of few jumps."""
    levy = law.levy(float)
    if levy is None or len(levy.jumps) > SHOWN:
        return ""
    import sympy

    def short(value: Any) -> Any:
        return sympy.Integer(value) if value == int(value) else sympy.Float(value, 6)

    r = law.levy(short).r_transform(sympy.Symbol("g"))
    return f"$\\displaystyle R(g) = {sympy.latex(r)}$"


def _facts(law: Law) -> str:
    where = " and ".join(part for part in (_told(_bands, law), _told(_atoms, law)) if part)
    return f"on {where}; {_told(_size, law)}"


def _told(say: Callable[[Law], str], law: Law) -> str:
    """What is said of a law, or why it is not: a law that does not converge has a repr too."""
    try:
        return say(law)
    except (NoConvergence, ValueError) as error:
        return f"(not known: {error})"


def _size(law: Law) -> str:
    return f"mean {law.mean:.6g}, std {law.std:.6g}"


def _bands(law: Law) -> str:
    bands = [f"[{low:.6g}, {high:.6g}]" for low, high in law.support[:SHOWN]]
    more = len(law.support) - SHOWN
    return ", ".join(bands) + (f" and {more} more intervals" if more > 0 else "")


def _atoms(law: Law) -> str:
    if not law.atoms.size:
        return ""
    pairs = zip(law.atoms[:SHOWN], law.weights[:SHOWN], strict=True)
    named = ", ".join(f"{weight:.4g} at {atom:.6g}" for atom, weight in pairs)
    more = law.atoms.size - SHOWN
    return f"point masses {named}" + (f" and {more} more" if more > 0 else "")


def _density(law: Law) -> str:
    angle = np.linspace(0, np.pi, 101)
    bands = [low + (high - low) * np.sin(angle / 2) ** 2 for low, high in law.support]
    heights = [np.asarray(law.pdf(x)) for x in bands]
    if not heights:
        return ""
    drawn = np.concatenate(heights)
    most = 2 * float(np.quantile(drawn[np.isfinite(drawn)], TOP))
    pairs = zip(bands, heights, strict=True)
    return curve([(x.tolist(), np.minimum(y, most).tolist()) for x, y in pairs], "density")
