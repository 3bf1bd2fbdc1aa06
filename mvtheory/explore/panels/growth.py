"""Panel: the race of the views of one class, until the first of them is learned."""

from dataclasses import replace
from typing import Any

import numpy as np

from mvtheory.arguments import DEVIATION, DRIVE, GATED_POWER, NEURONS, VIEWS, Argument
from mvtheory.explore.controls import Slider
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.panels.coverage import steps
from mvtheory.explore.picture import Axis, Picture, Plot, Series

SEED = Argument("seed", "seed", "of what is drawn", 0, 2**53, integer=True)
FIRST = replace(DRIVE, symbol="S_1", meaning="drive of view 1, others have 1")
TIMES = 1 - (1 - np.linspace(0, 1, 61)) ** 4
"""Shares of the winner's time: most of the growth comes at its end."""


def picture(
    power: float, deviation: float, views: int, neurons: int, drive: float, seed: int
) -> Picture:
    from mvtheory.race import grow, time_to_reach

    drawn = np.random.default_rng(seed).standard_normal((views, neurons)).max(axis=1) * deviation
    initial, drives = drawn.clip(0), np.array([drive] + [1.0] * (views - 1))
    arrivals = np.full(views, np.inf)
    for view in np.flatnonzero(initial):
        arrivals[view] = time_to_reach(
            strength=initial[view], level=1, drive=drives[view], power=power
        )
    first, time = int(arrivals.argmin()), float(arrivals.min())
    if np.isfinite(time):
        grown = grow(initial, drives, power, TIMES * time)
        grown[first, -1] = 1.0
    else:
        grown = np.zeros((views, TIMES.size))
    # A dead view has no place on a logarithmic axis.
    lines = tuple(
        Series(name=f"view {view + 1}", x=TIMES, y=np.where(path > 0, path, np.nan))
        for view, path in enumerate(grown)
    )
    losers = np.delete(grown[:, -1], first)
    alive = np.isfinite(time)
    return Picture(
        plots=(
            Plot(
                title="Growth race",
                x=Axis(label="time over that in which the winner is learned", low=0, high=1),
                y=Axis(label="strength Lambda (threshold 1)", log=True, high=1),
                series=lines,
            ),
        ),
        numbers={
            "time until the winner is learned": time if alive else "never",
            "winner": f"view {first + 1}" if alive else "none: all responses are negative",
            "strongest of the others then": float(losers.max()),
            "factor by which it has grown": (
                float(losers.max() / np.delete(initial, first)[losers.argmax()])
                if losers.max() > 0 else "it is dead"
            ),
        },
        note="For q > 2 the others stay near where they began; at q = 2 ratios are kept, and every "
        "view is learned in the end.",
    )  # fmt: skip


def panel() -> Panel:
    return Panel(
        name="growth",
        title="Growth race",
        words=(
            "The strength of a view grows by the growth law from the largest of m Gaussian "
            "responses. Drawn is one class; another seed is another network."
        ),
        controls=(
            Slider(argument=GATED_POWER, values=steps(2, 6, 16), start=4, coarse=(2, 3, 4)),
            Slider(argument=DEVIATION, start=0.02, coarse=(0.02, 0.1),
                   values=(0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2)),
            Slider(argument=VIEWS, values=(2, 3, 4, 5), start=3),
            Slider(argument=NEURONS, values=(1, 2, 3, 5, 8, 10, 15, 20, 50, 100), start=10,
                   coarse=(10, 100)),
            Slider(argument=FIRST, values=steps(0.5, 2, 30), start=1, coarse=(1, 1.5)),
            Slider(argument=SEED, values=tuple(range(21)), start=0, coarse=(0, 1, 2)),
        ),
        picture=picture,
        equations=_equations,
        calls={
            EVERY: "import numpy as np\n"
            "from mvtheory.race import grow, time_to_reach\n"
            "weights = np.random.default_rng({seed}).standard_normal(({views}, {neurons}))\n"
            "initial = weights.max(axis=1).clip(0) * {deviation}\n"
            "drive = np.array([{drive}] + [1] * ({views} - 1))\n"
            "time = min(time_to_reach(strength=s, level=1, drive=d, power={power})\n"
            "           for s, d in zip(initial, drive) if s > 0)\n"
            "grow(initial, drive, power={power}, times=np.linspace(0, time))\n"
            "time"
        },
    )  # fmt: skip


def _equations() -> dict[str, list[Any]]:
    import sympy

    time, shown, q = sympy.symbols("t S_l q", positive=True)
    grown = sympy.Function("Lambda_l")
    start = grown(0)
    law = sympy.Eq(sympy.Derivative(grown(time), time), shown * grown(time) ** (q - 1))
    solved = (start ** (2 - q) - (q - 2) * shown * time) ** (1 / (2 - q))
    return {EVERY: [law, sympy.Eq(grown(time), solved, evaluate=False)]}
