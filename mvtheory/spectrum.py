"""The command ``mvtheory spectrum``: a law, matrices drawn from it and data in one figure.

Of a file in place of a law it says what is in its spectrum: `spectrum_of_data`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from mvtheory import catalogue, completing
from mvtheory.arrays import real, symmetric
from mvtheory.console import console, one_format, print_csv, print_json
from mvtheory.figures import JsonAlone, Width, figure_file, save_figure, without_window
from mvtheory.law_from_text import law_from_text
from mvtheory.no_spectrum import of_no_spectrum
from mvtheory.reading import read_array
from mvtheory.shapes import Floats
from mvtheory.spectrum_of_data import is_file, spectrum_of_file

if TYPE_CHECKING:  # the other commands do not wait for them
    from mvtheory.laws import AbstractLaw

MOMENTS = 4
POINTS = 201
"""Of a table, over each band."""
LINES = 20
"""Bands and atoms printed; more are counted."""


def spectrum(
    name: Annotated[
        str,
        typer.Argument(
            metavar="LAW|DATA",
            help=f"One of {', '.join(catalogue.law_names())}; or of a package; or a file: data, "
            "samples in rows, a covariance, eigenvalues or singular values.",
            autocompletion=completing.laws,
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARG=VALUE", help="aspect_ratio=0.1", autocompletion=completing.settings
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="PNG, PDF or SVG file, else spectrum.png."),
    ] = None,
    matrix: Annotated[int, typer.Option(help="Size of sampled matrices; 0 for none.")] = 0,
    samples: Annotated[int, typer.Option(help="How many matrices are sampled.")] = 8,
    eigenvalues: Annotated[
        Path | None, typer.Option(help="Your eigenvalues, or a symmetric matrix: a .npy file.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sampled matrices.")] = 0,
    as_json: JsonAlone = False,
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="Print a table with commas: x, density and distribution function of a law, "
            "rank and eigenvalues of data; a figure with -o only.",
        ),
    ] = False,
    width: Width = None,
) -> None:
    """Draw a spectral law with sampled matrices and data; or say what is in the spectrum of data.

    Of a file: the bulk, how well it fits, outliers without the noise, doubts and cleaning. Its
    ARG=VALUE are kind=data, covariance, singular-values or eigenvalues (else told by the shape),
    samples=, dimension=, level=, standardise=true, centred=.

    tracy-widom is the law of one eigenvalue, the largest, poisson-dirichlet one of weights,
    finite-gue and its like are means of finite matrices.
    """
    one_format(as_json, as_csv)
    quiet = as_json or as_csv
    figure = figure_file(out, "spectrum.png", quiet)
    known = catalogue.law_names()
    is_law = name in known or catalogue.spelled_as(name, known)
    if not is_law and is_file(name):
        if matrix or eigenvalues is not None:
            raise ValueError(
                f"--matrix, --eigenvalues are for laws, and LAW={name!r} is a file; leave them out"
            )
        return spectrum_of_file(name, settings or [], figure, as_json, as_csv, width)
    law = law_from_text(name, settings or [])
    if matrix < 0 or samples < 1:
        raise ValueError(
            f"--matrix={matrix}, --samples={samples} are not allowed (size >= 0, samples >= 1); "
            "choose larger numbers"
        )
    data = None if eigenvalues is None else _eigenvalues(eigenvalues)
    title = f"{name} {' '.join(settings or [])}"
    if not hasattr(law, "support"):
        if matrix or data is not None:
            raise ValueError(
                f"--matrix, --eigenvalues are for spectra, and LAW={name!r} is none; leave them out"
            )
        of_no_spectrum(law, title, figure, as_json, as_csv, width)
        return None
    return _law(law, title, figure, matrix, samples, data, seed, as_json, as_csv, width)


def _law(
    law: "AbstractLaw",
    title: str,
    figure: Path | None,
    matrix: int,
    samples: int,
    data: Floats | None,
    seed: int,
    as_json: bool,
    as_csv: bool,
    width: str | None,
) -> None:
    from rich.progress import track

    from mvtheory.distillation.comparison import kolmogorov_distance

    quiet = as_json or as_csv
    if not quiet:
        _report(law)
    sizes = range(samples if matrix else 0)
    drawn: list[Any] = [
        np.linalg.eigvalsh(law.matrix(matrix, np.random.default_rng([seed, k])))
        for k in track(sizes, "Matrices", console=console, transient=True, disable=quiet)
    ]
    distances = {
        what: kolmogorov_distance(law, values)
        for what, values in (
            ("matrices", np.sort(np.concatenate(drawn)) if drawn else None), ("data", data)
        )
        if values is not None
    }  # fmt: skip
    if as_json:
        print_json(_plain(law) | {"kolmogorov_distance": distances})
    elif as_csv:
        print_csv(_table(law))
    for what, distance in () if quiet else distances.items():
        console.print(f"Kolmogorov distance of the {what}: {distance:.3g}")
    if figure is None:
        return
    without_window()
    from mvtheory.plotting import plot_spectrum

    ax = plot_spectrum(law, matrices=drawn, eigenvalues=data)
    ax.set_title(title, fontsize=8)
    save_figure(ax, figure, quiet=quiet, width=width, titles=width is None)


def _eigenvalues(path: Path) -> Floats:
    """Eigenvalues from a file of them, or of a symmetric matrix."""
    option = "--eigenvalues"
    values = read_array(option, path)
    if values.ndim == 2:
        matrix = symmetric(values, f"{option}={str(path)!r}")
        return np.asarray(np.linalg.eigvalsh(matrix), dtype=float)
    if values.ndim != 1 or not values.size:
        raise ValueError(
            f"{option}={str(path)!r} holds an array of shape {values.shape} (eigenvalues of shape "
            "(n,), or a symmetric matrix of shape (n, n)); save one of them"
        )
    values = np.sort(real(values, f"{option}={str(path)!r}"))
    if not np.isfinite(values).all():
        raise ValueError(f"{option}={str(path)!r} holds infinities or NaN (finite real numbers); "
                         "remove them")  # fmt: skip
    return values


def _report(law: "AbstractLaw") -> None:
    table = Table(box=None, show_header=False)
    for (low, high), share in list(zip(law.support, _masses(law), strict=True))[:LINES]:
        table.add_row("band", f"{low:.12g} to {high:.12g}", f"mass {share:.6g}")
    for atom, weight in list(zip(law.atoms, law.weights, strict=True))[:LINES]:
        table.add_row("atom", f"{atom:.12g}", f"mass {weight:.6g}")
    for what, count in (("bands", len(law.support)), ("atoms", law.atoms.size)):
        if count > LINES:
            table.add_row("", f"{count - LINES} more {what}", "")
    for k in range(1, MOMENTS + 1):
        table.add_row(f"moment {k}", f"{law.moment(k):.12g}", f"free cumulant "
                      f"{law.free_cumulant(k):.12g}")  # fmt: skip
    table.add_row("mean", f"{law.mean:.12g}", f"std {law.std:.12g}")
    console.print(table)


def _masses(law: "AbstractLaw") -> Floats:
    """Of each interval of the continuous part."""
    return np.diff(law._plateaus) if law.support else np.empty(0)


def _plain(law: "AbstractLaw") -> dict[str, Any]:
    """What is printed of a law, as JSON holds it."""
    orders = range(1, MOMENTS + 1)
    return {
        "law": repr(law),
        "bands": [
            {"low": low, "high": high, "mass": float(share)}
            for (low, high), share in zip(law.support, _masses(law), strict=True)
        ],
        "atoms": [
            {"position": float(atom), "mass": float(weight)}
            for atom, weight in zip(law.atoms, law.weights, strict=True)
        ],
        "mean": law.mean,
        "var": law.var,
        "std": law.std,
        "moments": [law.moment(k) for k in orders],
        "free_cumulants": [law.free_cumulant(k) for k in orders],
    }


def _table(law: "AbstractLaw") -> list[dict[str, float]]:
    """Density and distribution function over the bands, and at the atoms."""
    angle = np.linspace(0, np.pi, POINTS)
    bands = [low + (high - low) * np.sin(angle / 2) ** 2 for low, high in law.support]
    x = np.unique(np.concatenate([*bands, law.atoms]))
    return [
        {"x": float(a), "density": float(b), "distribution": float(c)}
        for a, b, c in zip(x, law.pdf(x), law.cdf(x), strict=True)
    ]
