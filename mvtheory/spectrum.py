"""The command ``mvtheory spectrum``: a law, matrices drawn from it and data in one figure.

Of a file in place of a law it says what is in its spectrum: `spectrum_of_data`.
"""

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from mvtheory.arrays import real, symmetric
from mvtheory.console import console
from mvtheory.figures import check_figure, save_figure, without_window
from mvtheory.reading import read_array
from mvtheory.shapes import Floats
from mvtheory.spectrum_of_data import is_file, spectrum_of_file

if TYPE_CHECKING:  # the other commands do not wait for them
    from mvtheory.laws import AbstractLaw

LAWS = (
    "confusion-law", "discrete", "equilibrium-measure", "free-bessel", "free-levy", "free-meixner",
    "free-poisson",
    "generalized-covariance", "generalized-wishart", "kesten-mckay", "marchenko-pastur",
    "semicircle", "wachter", "wishart-product",
)  # fmt: skip
"""Names of `named_laws`, for the help."""
GROUP = "mvtheory.laws"
"""Entry points under which other packages offer laws: a name, and a dataclass that is a law."""
MOMENTS = 4
LINES = 20
"""Bands and atoms printed; more are counted."""


def named_laws() -> "dict[str, type[AbstractLaw]]":
    """The laws that numbers alone describe, by their names on the command line."""
    from mvtheory import laws

    classes = (getattr(laws, name) for name in laws.__all__)
    plain = [c for c in classes if isinstance(c, type) and issubclass(c, laws.AbstractLaw)]
    left_out = (laws.AbstractLaw, laws.Affine, laws.DeformedSemicircle, laws.Empirical)
    return {
        re.sub("(?<=[a-z])(?<!Mc)(?=[A-Z])", "-", c.__name__).lower(): c
        for c in plain
        if c not in left_out
    }


def law_from_text(name: str, settings: list[str]) -> "AbstractLaw":
    """The law of a name and settings such as aspect_ratio=0.1; lists are written 1,3.

    >>> law_from_text("marchenko-pastur", ["aspect_ratio=0.25"])
    MarchenkoPastur(aspect_ratio=0.25, variance=1.0)
    >>> law_from_text("generalized-covariance", ["population=1:0.5,3:0.5", "aspect_ratio=2"]).atoms
    array([0.])
    """
    kind = _kind_of_law(name)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    given: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not text:
            raise ValueError(f"ARG={setting!r} is not of the form name=value, such as variance=2")
        if key not in fields:
            raise ValueError(f"argument {key!r} is unknown: choose from {', '.join(fields)}")
        if key in given:
            raise ValueError(f"argument {key!r} is given twice: give it once")
        given[key] = _value(key, text, fields[key])
    missing = [
        f.name for f in fields.values() if f.default is dataclasses.MISSING and f.name not in given
    ]
    if missing:
        raise ValueError(f"argument {missing[0]!r} is missing: {name} needs {', '.join(missing)}")
    law: AbstractLaw = kind(**given)
    return law


def _kind_of_law(name: str) -> Any:
    """The class of a law of ours or, looked for only then, of an installed package."""
    known = named_laws()
    if name in known:
        return known[name]
    from importlib.metadata import entry_points

    from mvtheory.laws import AbstractLaw

    offered = {point.name: point for point in entry_points(group=GROUP)}
    if name not in offered:
        raise ValueError(f"LAW={name!r} is unknown: choose from {', '.join([*known, *offered])}")
    try:
        kind = offered[name].load()
    except Exception as error:
        raise ValueError(
            f"LAW={name!r} is {offered[name].value} (entry point of {GROUP}), which cannot be "
            f"loaded ({type(error).__name__}: {error}); mend or uninstall the package that has it"
        ) from error
    is_law = isinstance(kind, type) and issubclass(kind, AbstractLaw)
    if not (is_law and dataclasses.is_dataclass(kind)):
        raise ValueError(
            f"LAW={name!r} is {offered[name].value} (entry point of {GROUP}: a dataclass that "
            "inherits from mvtheory.laws.AbstractLaw); name such a class there"
        )
    return kind


def _value(key: str, text: str, field: Any) -> Any:
    try:
        if field.type in (bool, "bool"):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if key == "population" and ":" in text:
            pairs = [part.split(":") for part in text.split(",")]
            return {float(atom): float(mass) for atom, mass in pairs}
        if field.type in (int, "int") and text.isdecimal():
            return int(text)
        if field.type in (float, int, "float", "int"):
            return float(text)
        return tuple(float(part) for part in text.split(","))
    except (ValueError, KeyError):
        raise ValueError(
            f"{key}={text!r} is not allowed (number, list 1,3, pairs 1:0.5,3:0.5, or true and "
            "false); write it so"
        ) from None


def spectrum(
    name: Annotated[
        str,
        typer.Argument(
            metavar="LAW|DATA",
            help=f"One of {', '.join(LAWS)}; or of a package; or a file: data, samples in rows, "
            "a covariance, eigenvalues or singular values.",
        ),
    ],
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="ARG=VALUE", help="aspect_ratio=0.1")
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
    as_json: Annotated[
        bool, typer.Option("--json", help="Of data: print JSON, and draw with -o only.")
    ] = False,
) -> None:
    """Draw a spectral law with sampled matrices and data; or say what is in the spectrum of data.

    Of a file: the bulk, how well it fits, outliers without the noise, doubts and cleaning. Its
    ARG=VALUE are kind=data, covariance, singular-values or eigenvalues (else told by the shape),
    samples=, dimension=, level=, standardise=true, centred=.
    """
    if name not in LAWS and is_file(name):
        if matrix or eigenvalues is not None:
            raise ValueError(
                f"--matrix, --eigenvalues are for laws, and LAW={name!r} is a file; leave them out"
            )
        figure = Path("spectrum.png") if out is None and not as_json else out
        return spectrum_of_file(name, settings or [], figure, as_json)
    if as_json:
        raise ValueError(f"--json is for data, and LAW={name!r} is a law; leave it out")
    return _law(
        name, settings or [], out or Path("spectrum.png"), matrix, samples, eigenvalues, seed
    )


def _law(
    name: str,
    settings: list[str],
    out: Path,
    matrix: int,
    samples: int,
    eigenvalues: Path | None,
    seed: int,
) -> None:
    from rich.progress import track

    from mvtheory.distillation.comparison import kolmogorov_distance

    law = law_from_text(name, settings)
    check_figure(out)
    if matrix < 0 or samples < 1:
        raise ValueError(
            f"--matrix={matrix}, --samples={samples} are not allowed (size >= 0, samples >= 1); "
            "choose larger numbers"
        )
    data = None if eigenvalues is None else _eigenvalues(eigenvalues)
    _report(law)
    drawn: list[Any] = [
        np.linalg.eigvalsh(law.matrix(matrix, np.random.default_rng([seed, k])))
        for k in track(range(samples if matrix else 0), "Matrices", console=console, transient=True)
    ]
    for what, values in (("matrices", np.sort(np.concatenate(drawn)) if drawn else None),
                         ("data", data)):  # fmt: skip
        if values is not None:
            console.print(
                f"Kolmogorov distance of the {what}: {kolmogorov_distance(law, values):.3g}"
            )
    without_window()
    from mvtheory.plotting import plot_spectrum

    ax = plot_spectrum(law, matrices=drawn, eigenvalues=data)
    ax.set_title(f"{name} {' '.join(settings)}", fontsize=9)
    save_figure(ax, out)


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
    mass = np.diff(law._plateaus) if law.support else np.empty(0)
    for (low, high), share in list(zip(law.support, mass, strict=True))[:LINES]:
        table.add_row("band", f"{low:.12g} to {high:.12g}", f"mass {share:.6g}")
    for atom, weight in list(zip(law.atoms, law.weights, strict=True))[:LINES]:
        table.add_row("atom", f"{atom:.12g}", f"mass {weight:.6g}")
    for what, count in (("bands", len(law.support)), ("atoms", law.atoms.size)):
        if count > LINES:
            table.add_row("", f"{count - LINES} more {what}", "")
    for k in range(1, MOMENTS + 1):
        table.add_row(f"moment {k}", f"{law.moment(k):.12g}", f"free cumulant "
                      f"{law.free_cumulant(k):.12g}")  # fmt: skip
    console.print(table)
