"""``mvtheory spectrum DATA``: what is in the spectrum of a file, and how far to trust it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from mvtheory import arrays, catalogue
from mvtheory.console import console, plain_console, print_csv, print_json
from mvtheory.figures import check_figure, save_figure, without_window
from mvtheory.reading import READERS, read_array

if TYPE_CHECKING:  # the other commands do not wait for it
    from mvtheory.measured import MeasuredSpectrum, Study

KINDS = ("data", "covariance", "singular-values", "eigenvalues")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
SETTINGS = {
    "kind": f"one of {', '.join(KINDS)}",
    "samples": "a whole number",
    "dimension": "a whole number",
    "level": "a number such as 0.05",
    "standardise": "true or false",
    "centred": "true or false",
}
"""What is written behind the file."""
OUTLIERS = 20
"""Rows of the table."""
LEAST_P = 1e-12
"""Of what is printed: no approximation holds that far."""
WIDTH = 80


def is_file(name: str) -> bool:
    """Whether a word of the command line means a file, there or not, rather than a law."""
    file = Path(name.rpartition(":")[0] or name)
    endings = {*READERS, ".npy"}
    return Path(name).is_file() or file.is_file() or Path(name).suffix.lower() in endings


def spectrum_of_file(
    name: str,
    settings: list[str],
    out: Path | None,
    as_json: bool = False,
    as_csv: bool = False,
    width: str | None = None,
) -> None:
    """Study the spectrum of a file, print what is in it and draw it.

    Parameters
    ----------
    name : str
        FILE or FILE:NAME with a data matrix (samples in rows), a covariance or correlation matrix,
        singular values or eigenvalues.
    settings : list of str
        kind=, samples=, dimension=, level=, standardise=, centred=, each at most once.
    out : Path or None
        The figure; none if None.
    as_json, as_csv : bool
        Print JSON in place of the tables, or rank, eigenvalue and what cleaning makes of it.
    width : str, optional
        Of the figure, as `mvtheory.plotting.save` takes it.

    Raises
    ------
    ValueError
        For settings that are no such, and files that hold no spectrum.
    """
    from mvtheory.measured import study

    given = _settings(settings)
    if out is not None:
        check_figure(out)
    spectrum = _spectrum(read_array("DATA", name), given)
    with console.status("Fitting"):
        found = study(spectrum, **{k: v for k, v in given.items() if k == "level"})
    if as_json:
        from mvtheory.measured.study import as_plain

        print_json(as_plain(found))
    elif as_csv:
        print_csv(_rows(found))
    else:
        _report(found)
    if out is not None:
        without_window()
        from mvtheory.plotting import plot_study

        axes = plot_study(found)
        axes[0].set_title(f"{name} {' '.join(settings)}", fontsize=8)
        save_figure(axes[0], out, quiet=as_json or as_csv, width=width)


def _rows(found: "Study") -> list[dict[str, Any]]:
    """Every eigenvalue by rank, whether it is an outlier, and what cleaning makes of it."""
    values = found.spectrum.eigenvalues
    ways = {} if found.cleaned is None else found.cleaned.eigenvalues
    return [
        {"rank": k + 1, "eigenvalue": float(values[k]), "outlier": k < found.count}
        | {f"cleaned: {way}": float(cleaned[k]) for way, cleaned in ways.items()}
        for k in range(values.size)
    ]


def _settings(words: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not text:
            raise ValueError(f"ARG={word!r} is not of the form name=value, such as samples=500")
        if key not in SETTINGS:
            close = catalogue.nearest(key, SETTINGS)
            hint = f"did you mean {close!r}? " if close else ""
            raise ValueError(
                f"argument {key!r} is unknown: {hint}choose from {', '.join(SETTINGS)}"
            )
        if key in given:
            raise ValueError(f"argument {key!r} is given twice: give it once")
        try:
            given[key] = _value(key, text)
        except (ValueError, KeyError):
            raise ValueError(
                f"{key}={text!r} is not allowed ({SETTINGS[key]}); write it so"
            ) from None
    return given


def _value(key: str, text: str) -> Any:
    if key == "kind":
        return KINDS[KINDS.index(text)]
    if key in ("standardise", "centred"):
        return FLAGS[text.lower()]
    return float(text) if key == "level" else int(text)


def _spectrum(values: Any, given: dict[str, Any]) -> "MeasuredSpectrum":
    from mvtheory.measured import (
        spectrum_of_covariance,
        spectrum_of_data,
        spectrum_of_eigenvalues,
        spectrum_of_singular_values,
    )

    kind = given.get("kind") or _kind(values)
    known = {k: given[k] for k in ("samples", "dimension") if k in given}
    flag = {"centred": given["centred"]} if "centred" in given else {}
    allowed = {
        "data": {"standardise", "centred"},
        "covariance": {"samples", "centred"},
        "singular-values": {"samples", "dimension", "centred"},
        "eigenvalues": {"samples", "dimension", "centred"},
    }[kind]
    for key in given.keys() - allowed - {"kind", "level"}:
        raise ValueError(
            f"{key}={given[key]!r} is not for kind={kind} (it has {', '.join(sorted(allowed))}); "
            "leave it out, or write kind= as it is meant"
        )
    if kind == "data":
        return spectrum_of_data(
            values,
            centre=given.get("centred", True),
            standardise=given.get("standardise", False),
        )
    if kind == "covariance":
        return spectrum_of_covariance(values, known.get("samples"), **flag)
    if kind == "eigenvalues":
        return spectrum_of_eigenvalues(values, **known, **flag)
    if len(known) < 2:
        raise ValueError(
            "kind=singular-values needs the shape of the matrix: add samples= and dimension="
        )
    return spectrum_of_singular_values(values, (known["samples"], known["dimension"]), **flag)


def _kind(values: Any) -> str:
    """Of an array whose kind was not said."""
    array = np.asarray(values)
    if array.ndim == 1:
        return "eigenvalues"
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        try:
            arrays.symmetric(values)
        except ValueError:
            return "data"
        return "covariance"
    return "data"


def _small(p: float) -> str:
    return f"{p:.2g}" if p >= LEAST_P else f"< {LEAST_P:g}"


def _report(found: "Study") -> None:
    spectrum, outliers = found.spectrum, found.outliers
    behind = "unknown" if spectrum.degrees is None else f"{spectrum.degrees}"
    what = "correlations of " if spectrum.correlation else ""
    console.print(
        f"{what}{spectrum.source}: {spectrum.dimension} variables, degrees of freedom {behind}, "
        f"{spectrum.size} eigenvalues above 0 by counting\n"
    )
    for line in found.verdict:
        console.print(line)
    wide = plain_console(max(console.width, WIDTH))
    if outliers.count and found.population is None:
        table = Table(box=None)
        for name in ("outlier", "measured", "without the noise", "standard error", "cos^2", "p"):
            table.add_column(name, justify="right")
        for k in range(min(outliers.count, OUTLIERS)):
            table.add_row(
                f"{k + 1}",
                f"{outliers.measured[k]:.5g}",
                f"{outliers.population[k]:.5g}",
                f"{outliers.errors[k]:.2g}",
                f"{outliers.overlaps[k]:.2f}",
                _small(float(outliers.p_values[k])),
            )
        console.print()
        wide.print(table)
        if outliers.count > OUTLIERS:
            console.print(f"and {outliers.count - OUTLIERS} more")
    if found.cleaned is not None and found.cleaned.losses:
        table = Table(box=None)
        for name in ("cleaning", "loss held out", "standard error", "log-likelihood"):
            table.add_column(name, justify="left" if name == "cleaning" else "right")
        for way, loss in found.cleaned.losses.items():
            table.add_row(
                way,
                f"{loss:+.4f}",
                f"{found.cleaned.errors[way]:.4f}",
                f"{found.cleaned.likelihoods[way]:+.4f}",
            )
        console.print()
        wide.print(table)
    if found.shrunk is not None and found.population is None:
        console.print(
            f"\nsingular values: {found.shrunk.rank} above the noise, which ends at "
            f"{found.shrunk.threshold:.4g}; best hard threshold {found.shrunk.hard_threshold:.4g}"
        )
