"""``mvtheory spectrum`` of what is no limit: a largest eigenvalue, weights, finite matrices."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from mvtheory.console import console, print_csv, print_json
from mvtheory.figures import save_figure, without_window

if TYPE_CHECKING:
    from mvtheory.laws import FiniteGUE, FiniteJUE, FiniteLUE, PoissonDirichlet, TracyWidom

    Finite = FiniteGUE | FiniteJUE | FiniteLUE

LEVELS = (0.01, 0.05, 0.5, 0.95, 0.99)
"""Of the quantiles that are printed."""
TAIL, POINTS = 1e-6, 401
"""Of a table: the probability on either side of it, and the rows of a smooth one."""
POWERS = (2, 3, 4)
MOMENTS = 4


def of_no_spectrum(
    law: "TracyWidom | PoissonDirichlet | Finite",
    title: str,
    out: Path | None,
    as_json: bool,
    as_csv: bool,
    width: str | None,
) -> None:
    """Print what is known of such a law, and draw it."""
    from mvtheory.laws import PoissonDirichlet, TracyWidom

    said: dict[str, Any]
    if isinstance(law, TracyWidom):
        said, figure = _of_largest(law), "plot_largest"
    elif isinstance(law, PoissonDirichlet):
        said, figure = _of_weights(law), "plot_weights"
    else:
        said, figure = _of_finite(law), "plot_finite"
    if as_json:
        print_json(said)
    elif as_csv:
        print_csv([said] if isinstance(law, PoissonDirichlet) else _table(law))
    else:
        table = Table(box=None, show_header=False)
        for name, value in said.items():
            table.add_row(name, value if isinstance(value, str) else f"{value:.12g}")
        console.print(table)
    if out is None:
        return
    without_window()
    from mvtheory import plotting

    ax = getattr(plotting, figure)(law)
    ax.set_title(title, fontsize=8)
    save_figure(ax, out, quiet=as_json or as_csv, width=width, titles=width is None)


def _of_largest(law: "TracyWidom") -> dict[str, Any]:
    numbers = {name: getattr(law, name) for name in ("mean", "std", "skewness", "kurtosis")}
    quantiles = {f"quantile {level:g}": float(law.ppf(level)) for level in LEVELS}
    return {"law": repr(law)} | numbers | quantiles


def _of_weights(law: "PoissonDirichlet") -> dict[str, Any]:
    sums = {f"mean sum of w^{k}": float(law.power_sum(k)) for k in POWERS}
    return {"law": repr(law), "mean of the largest": law.largest_mean} | sums


def _of_finite(law: "Finite") -> dict[str, Any]:
    moments = {f"moment {k}": law.moment(k) for k in range(1, MOMENTS + 1)}
    return {"law": repr(law)} | moments


def _table(law: "TracyWidom | Finite") -> list[dict[str, float]]:
    from mvtheory.laws import TracyWidom
    from mvtheory.plotting.largest import positions

    if isinstance(law, TracyWidom):
        low, high = law.ppf([TAIL, 1 - TAIL])
        x = np.linspace(low, high, POINTS)
    else:
        x = positions(law, TAIL)
    return [
        {"x": float(a), "density": float(b), "distribution": float(c)}
        for a, b, c in zip(x, law.pdf(x), law.cdf(x), strict=True)
    ]
