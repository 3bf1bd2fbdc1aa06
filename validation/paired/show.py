"""The command that compares two models: their files, and the table of what comes out."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from mvtheory.console import console, print_csv, print_json, say
from mvtheory.reading import read_array
from validation.paired.comparison import Paired, compare_all
from validation.paired.harness import pairs, read_samples


def compare_files(
    a: Path,
    b: Path,
    labels: Path | None,
    metrics: list[str] | None,
    margin: float | None,
    confidence: float,
    power: float,
    as_json: bool,
    as_csv: bool = False,
) -> None:
    """Read two models' files, compare them and print the result."""
    left_out: dict[str, int] = {}
    given: dict[str, tuple[Any, Any]]
    classes = None
    if labels is None and all(_samples(path) for path in (a, b)):
        given, left_out = pairs(read_samples(a), read_samples(b), metrics)
    else:
        given = {"": (read_array("A", a), read_array("B", b))}
        classes = None if labels is None else read_array("labels", labels)
    found = compare_all(given, classes, margin=margin, confidence=confidence, power=power)
    if as_json or as_csv:
        rows = [_plain(own, left_out.get(own.name, 0)) for own in found]
        print_json(rows) if as_json else print_csv(rows)
        return
    console.print(table(found))
    if found[0].only_a is not None:
        say("p by McNemar's exact test, for items that are right or wrong.")
    for own in found:
        words = own.verdict
        if own.equivalence_p_value is not None:
            words += f" (p of a difference beyond {own.margin:g}: {own.equivalence_p_value:.3g})"
        if left_out.get(own.name):
            words += f"; {left_out[own.name]} items that one model alone has were left out"
        say(f"{own.name}: {words}." if own.name else f"{words}.")


def _samples(path: Path) -> bool:
    return path.is_dir() or path.suffix == ".jsonl"


def _plain(own: Paired, left_out: int) -> dict[str, Any]:
    return asdict(own) | {
        "difference": own.difference,
        "verdict": own.verdict,
        "left_out": left_out,
    }


def table(found: list[Paired]) -> Table:
    """A row a comparison."""
    confidence, several = found[0].confidence, len(found) > 1
    shown = Table(
        "what", "items", "A", "B", f"B - A ({100 * confidence:g} %)",
        "p (Holm)" if several else "p", "unpaired p", "shown from",
        title="Model B against model A, on the same items", title_justify="left",
    )  # fmt: skip
    for own in found:
        shown.add_row(
            own.name or "-",
            str(own.items),
            f"{own.a:.4f}",
            f"{own.b:.4f}",
            f"{own.difference:+.4f} [{own.low:+.4f}, {own.high:+.4f}]",
            f"{own.adjusted_p_value:.3g}",
            f"{own.unpaired_p_value:.3g}",
            f"{own.detectable:.4f}",
        )
    return shown
