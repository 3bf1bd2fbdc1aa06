"""Panel: which view wins the race, by how strongly it is shown, neurons and power."""

from dataclasses import replace
from typing import Any

import numpy as np

from mvtheory.arguments import DRIVE, NEURONS, POWER
from mvtheory.explore.controls import Slider
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.panels.coverage import steps
from mvtheory.explore.picture import Axis, Picture, Plot, Series

SECOND = replace(DRIVE, name="second", symbol="S_2", meaning="strength of view 2, S_1 = 1")
THIRD = replace(DRIVE, name="third", symbol="S_3", meaning="strength of view 3")
STRENGTHS = steps(0.1, 1.5, 28)
WIDTHS = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1000)


def picture(second: float, third: float, power: float, neurons: int) -> Picture:
    from mvtheory.race import win_probabilities

    rows = np.array([(1.0, each, third) for each in (*STRENGTHS, second)])
    found = win_probabilities(rows, power=power, neurons=neurons)
    lines = tuple(
        Series(name=f"view {view + 1}", x=STRENGTHS, y=found[:-1, view]) for view in range(3)
    )
    names = [f"probability that view {view} wins" for view in (1, 2, 3)]
    return Picture(
        plots=(
            Plot(
                title="Which view wins",
                x=Axis(label="strength S_2 of view 2 (S_1 = 1)"),
                y=Axis(label="probability to win", low=0, high=1),
                series=lines,
                marks={f"S_2 = {second:g}": second},
            ),
        ),
        numbers={
            **dict(zip(names, found[-1].tolist(), strict=True)),
            "no view wins: all responses are negative": float(1 - found[-1].sum()),
        },
    )


def panel() -> Panel:
    return Panel(
        name="winner",
        title="Which view wins",
        words=(
            "Of three views of a class, the one with the largest initial response, scaled by "
            "S^(1/(q-2)), is learned. A view that is shown more strongly wins more often: the more "
            "so the more neurons there are and the lower the power is."
        ),
        controls=(
            Slider(argument=SECOND, values=STRENGTHS, start=0.8, coarse=(0.5, 0.8, 1.0, 1.2)),
            Slider(argument=THIRD, values=STRENGTHS, start=0.6, coarse=(0.3, 0.6, 1.0)),
            Slider(argument=POWER, values=(2.1, *steps(2.25, 8, 23)), start=4,
                   coarse=(2.5, 3, 4, 6)),
            Slider(argument=NEURONS, values=WIDTHS, start=10, coarse=(1, 10, 100)),
        ),
        picture=picture,
        equations=_equations,
        calls={
            EVERY: "from mvtheory.race import win_probabilities\n"
            "win_probabilities([1, {second}, {third}], power={power}, neurons={neurons})[0]"
        },
    )  # fmt: skip


def _equations() -> dict[str, list[Any]]:
    import sympy

    x, m, q, views = sympy.symbols("x m q M", positive=True)
    j, l = sympy.symbols("j l", integer=True)  # noqa: E741
    probability, scale, shown = (sympy.IndexedBase(name) for name in ("P", "s", "S"))
    own = sympy.Function("F_l")(x)
    every = sympy.Product(sympy.Function("F_j")(x), (j, 1, views))
    won = sympy.Integral(sympy.Derivative(own, x) / own * every, (x, 0, sympy.oo))
    return {
        EVERY: [
            sympy.Eq(probability[l], won, evaluate=False),
            sympy.Eq(own, sympy.Function("Phi")(x / scale[l]) ** m, evaluate=False),
            sympy.Eq(scale[l], shown[l] ** (1 / (q - 2)), evaluate=False),
        ]
    }
