"""Panel: laws of eigenvalues, each with a matrix that is drawn from it."""

from dataclasses import replace
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.explore.controls import Choice, Control, Slider, Value
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.panels.coverage import steps
from mvtheory.explore.panels.growth import SEED
from mvtheory.explore.picture import Axis, Picture, Plot, Series
from mvtheory.laws.contract import parameters as of_laws
from mvtheory.laws.kesten_mckay import DEGREE
from mvtheory.laws.wachter import OTHER_RATIO

RATIOS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0)
SIZE = Argument("size", "n", "of the matrix drawn", 1, 1e4, integer=True)
LAWS = {
    "marchenko-pastur": ("aspect_ratio", "variance"),
    "generalized-wishart": ("aspect_ratio", "correlation", "scale"),
    "semicircle": ("mean", "variance"),
    "free-poisson": ("rate", "jump"),
    "wachter": ("first_ratio", "other_aspect_ratio"),
    "kesten-mckay": ("degree",),
    "free-bessel": ("power", "rate"),
}
"""Laws by their names on the command line, with their parameters."""
RENAMED = {"first_ratio": "aspect_ratio"}
"""Of the Wachter law, which has a smaller range."""
BINS = 40


def picture(law: str, size: int, seed: int, **values: Value) -> Picture:
    from mvtheory.law_from_text import named_laws

    given = {RENAMED.get(name, name): values[name] for name in LAWS[law]}
    known = named_laws()[law](**given)
    drawn = np.linalg.eigvalsh(known.matrix(size, np.random.default_rng(seed)))
    angle = np.linspace(0, np.pi, 162)[1:-1]
    lines, tops = [], []
    for low, high in known.support:
        x = low + (high - low) * np.sin(angle / 2) ** 2
        y = np.asarray(known.pdf(x))
        # An infinite density is cut off where most of it is seen.
        tops.append(float(min(y.max(), 4 * np.quantile(y, 0.75))))
        lines.append(Series(name="law", x=x, y=y))
    ends = [*np.ravel(known.support), *known.atoms, drawn[0], drawn[-1]]
    edges = np.linspace(min(ends), max(ends) + 1e-9 * (max(ends) - min(ends)), BINS + 1)
    free = drawn
    for atom in known.atoms:
        free = free[np.abs(free - atom) > 1e-6 * (edges[-1] - edges[0])]
    heights = np.histogram(free, edges)[0] / (drawn.size * np.diff(edges))
    histogram = Series(name=f"matrix of size {size}", x=edges, y=heights, style="steps")
    atoms = dict(zip(known.atoms.tolist(), known.weights.tolist(), strict=True))
    top = 1.15 * max(min(max(tops, default=1), 2 * heights.max()), heights.max())
    return Picture(
        plots=(
            Plot(
                title="Density of eigenvalues",
                x=Axis(label="eigenvalue"),
                y=Axis(label="density, mass per unit of eigenvalue", low=0, high=float(top)),
                series=(histogram, *lines),
                marks={f"atom of mass {mass:.3g}": at for at, mass in atoms.items()},
            ),
        ),
        numbers={
            "second moment of the law": known.moment(2),
            "second moment of the matrix": float(np.mean(drawn**2)),
            "first moment of the law": known.moment(1),
            "first moment of the matrix": float(drawn.mean()),
            "bands": ", ".join(f"{low:.6g} to {high:.6g}" for low, high in known.support),
        },
    )


def _controls() -> tuple[Control, ...]:
    by_name = {
        "aspect_ratio": Slider(argument=of_laws.ASPECT_RATIO, values=RATIOS, start=0.5,
                               coarse=(0.1, 0.5, 1.0, 2.5)),
        "first_ratio": Slider(argument=replace(of_laws.ASPECT_RATIO, name="first_ratio"),
                              values=steps(0.05, 0.95, 18), start=0.3, coarse=(0.1, 0.3, 0.8)),
        "other_aspect_ratio": Slider(argument=OTHER_RATIO, values=steps(0.05, 0.95, 18), start=0.4,
                                     coarse=(0.1, 0.4, 0.8)),
        "correlation": Slider(argument=of_laws.CORRELATION, values=steps(-1, 1, 40), start=0.3,
                              coarse=(0.0, 0.3, 0.6, 0.9)),
        "mean": Slider(argument=of_laws.MEAN, values=steps(-2, 2, 16), start=0),
        "variance": Slider(argument=of_laws.VARIANCE, values=steps(0.25, 4, 15), start=1),
        "scale": Slider(argument=of_laws.SCALE, values=steps(0.25, 2, 7), start=1),
        "rate": Slider(argument=of_laws.RATE, values=steps(0.25, 4, 15), start=1,
                       coarse=(0.5, 1, 2)),
        "jump": Slider(argument=of_laws.JUMP, values=steps(0.25, 2, 7), start=1),
        "degree": Slider(argument=DEGREE, values=(2, 3, 4, 5, 6, 8, 10), start=3,
                         coarse=(2, 3, 5, 10), typed=False),
        "power": Slider(argument=of_laws.MATRIX_POWER, values=(1, 2, 3, 4), start=2,
                        coarse=(1, 2, 3), typed=False),
    }  # fmt: skip
    return tuple(
        replace(slider, only=tuple(law for law, own in LAWS.items() if name in own))
        for name, slider in by_name.items()
    )


def panel() -> Panel:
    return Panel(
        name="spectra",
        title="Spectra",
        words="A law of eigenvalues in the limit of large matrices, and one matrix drawn from it.",
        controls=(
            Choice(name="law", meaning="which law", options=tuple(LAWS)),
            *_controls(),
            Slider(argument=SIZE, values=(20, 50, 100, 150, 200, 250), start=200),
            Slider(argument=SEED, values=tuple(range(21)), start=0),
        ),
        picture=picture,
        equations=_equations,
        calls={law: _call(law, names) for law, names in LAWS.items()},
    )


def _call(law: str, names: tuple[str, ...]) -> str:
    kind = {"kesten-mckay": "KestenMcKay"}.get(law, law.title().replace("-", ""))
    given = ", ".join(f"{RENAMED.get(name, name)}={{{name}}}" for name in names)
    return (
        f"import numpy as np\nfrom mvtheory.laws import {kind}\nlaw = {kind}({given})\n"
        "law.support, law.atoms, law.pdf(0.5)\n"
        "np.linalg.eigvalsh(law.matrix({size}, np.random.default_rng({seed})))\n"
        "law.moment(2)"
    )


def _equations() -> dict[str, list[Any]]:
    import sympy

    from mvtheory.laws import symbolic

    x, z, g = sympy.symbols("x z g")
    cauchy, density, r = (sympy.Function(name) for name in ("G", "rho", "R"))
    common = sympy.Eq(cauchy(z), sympy.Integral(density(x) / (z - x), x), evaluate=False)
    inverse = sympy.Eq(cauchy(r(g) + 1 / g), g, evaluate=False)
    own = {
        "marchenko-pastur": symbolic.marchenko_pastur,
        "generalized-wishart": symbolic.generalized_wishart,
        "semicircle": symbolic.semicircle,
    }
    # The letters of the sliders.
    letters = {sympy.Symbol("s", positive=True): sympy.Symbol("v", positive=True)}
    explicit = {}
    for law, make in own.items():
        found = symbolic.r_transform(make()[1], g)
        if law == "marchenko-pastur":
            found = found.subs(letters)
        explicit[law] = [sympy.Eq(r(g), found, evaluate=False), inverse, common]
    return {EVERY: [common], **explicit}
