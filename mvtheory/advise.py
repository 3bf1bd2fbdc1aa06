"""The command ``mvtheory advise``: whether to distil and how, from files of labels and logits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.table import Table

from mvtheory.console import console, plain_console
from mvtheory.figures import check_figure, save_figure, without_window
from mvtheory.files import read_array

if TYPE_CHECKING:  # the other commands do not wait for it
    from mvtheory.distillation import Advice, Anchor


def anchor_from_text(option: str, text: str, hard_weight: float) -> "Anchor":
    """The student of FILE, FILE@T or FILE@T,a_H: trained at T = 4 unless said otherwise."""
    from mvtheory.distillation.mixture import Anchor

    name, _, setting = text.rpartition("@") if "@" in text else (text, "", "4")
    parts = setting.split(",")
    try:
        temperature = float(parts[0])
        weight = float(parts[1]) if len(parts) > 1 else hard_weight
        if len(parts) > 2:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{option}={text!r} is not of the form FILE, FILE@T or FILE@T,a_H; write "
            "soft.npy@4 or distilled.npy@4,0.1"
        ) from None
    return Anchor(
        logits=read_array(option, Path(name)), temperature=temperature, hard_weight=weight
    )


def advise(
    labels: Annotated[Path, typer.Option(help="Classes from 0: .npy, shape (N,).")],
    student: Annotated[Path, typer.Option(help="Logits of the student of hard labels: (N, K).")],
    teacher: Annotated[Path, typer.Option(help="Logits of the teacher: (N, K).")],
    soft_student: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE@T",
            help="Logits of a student of soft labels alone at T, else 4; one or more.",
        ),
    ] = None,
    distilled: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE@T,a_H",
            help="Logits of a distilled student, else at T = 4, a_H = 0.1; one or more.",
        ),
    ] = None,
    split: Annotated[
        Path | None,
        typer.Option(help="Booleans (N,), or indices, of samples the students were trained on."),
    ] = None,
    temperatures: Annotated[str, typer.Option(help="T of the grid, 0.001 to 10^6.")] = "1,2,4,8",
    hard_weights: Annotated[
        str, typer.Option(help="a_H of the grid, on the labels: 0 to 1.")
    ] = "0,0.1,0.25,0.5,0.75,0.9",
    confidence: Annotated[float, typer.Option(help="Of the intervals, between 0 and 1.")] = 0.9,
    other_start: Annotated[
        bool, typer.Option("--other-start", help="The students started from different weights.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="PNG, PDF or SVG file.")] = Path(
        "advice.png"
    ),
) -> None:
    """Say whether distilling pays, with which temperature and weight, and how certain that is.

    The loss is a_H CE(y, softmax(s)) + (1 - a_H) T^2 KL(softmax(t/T) || softmax(s/T)): labels y,
    logits s of the student and t of the teacher, natural logarithms, sum over classes, mean over
    samples. What other libraries call T and a_H: docs/conventions.md.
    """
    from mvtheory.distillation.advisor import advise as advise_on_arrays

    check_figure(out)
    anchors = [anchor_from_text("--soft-student", text, 0.0) for text in soft_student or []]
    anchors += [anchor_from_text("--distilled", text, 0.1) for text in distilled or []]
    with console.status("Predicting"):
        advice = advise_on_arrays(
            read_array("--labels", labels),
            read_array("--student", student),
            read_array("--teacher", teacher),
            anchors=anchors,
            split=None if split is None else read_array("--split", split),
            temperatures=_numbers("--temperatures", temperatures),
            hard_weights=_numbers("--hard-weights", hard_weights),
            confidence=confidence,
            same_start=not other_start,
        )
    _report(advice)
    without_window()
    from mvtheory.plotting import plot_advice

    save_figure(plot_advice(advice), out)


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option}={text!r} is not a list of numbers; write it as 1,2,4") from None


def _report(advice: "Advice") -> None:
    console.print(f"{advice}\n")
    table = Table(box=None, title="Predicted accuracy ± half the interval; * recommended")
    table.add_column("T", justify="right")
    for hard_weight in advice.hard_weights:
        table.add_column(f"a_H {hard_weight:g}", justify="right", no_wrap=True)
    # Of an interval cut off at 0 or 1 the whole half.
    half = np.maximum(advice.high - advice.predicted, advice.predicted - advice.low)
    for row, temperature in enumerate(advice.temperatures):
        cells = [
            ("*" if (row, column) == advice.best else "")
            + f"{middle:.3f}±{half[row, column]:.3f}".replace("0.", ".")
            for column, middle in enumerate(advice.predicted[row])
        ]
        table.add_row(f"{temperature:g}", *cells)
    # Wider than the screen if it must be: a number cut off at the edge would be another number.
    plain_console(max(console.width, 14 * (1 + len(advice.hard_weights)))).print(table)
    console.print(f"\nAssumes: {advice.assumptions}")
    console.print(
        f"On other samples of the same kind, the accuracy differs by ± {advice.sampling_error:.4f} "
        "(one standard error) more."
    )
    doubts = [found for found in advice.doubts if found not in advice.data_doubts]
    held = len(advice.diagnostics) - len(advice.doubts)
    console.print(
        f"\nHypotheses of the random-matrix theory: {held} hold, {len(doubts)} do not"
        + (":" if doubts else ".")
    )
    for found in doubts:
        console.print(f"  - {found.name}: {found.size}")
