"""The command ``mvtheory advise``: whether to distil and how, from files of labels and logits."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from mvtheory.console import console, one_format, plain_console, print_csv, print_json
from mvtheory.figures import JsonAlone, Width, figure_file, save_figure, without_window
from mvtheory.reading import read_array

if TYPE_CHECKING:  # the other commands do not wait for it
    from mvtheory.distillation import Advice, Anchor


def anchor_from_text(option: str, text: str, hard_weight: float) -> "Anchor":
    """The student of FILE, FILE@T, FILE@T,a_H or FILE@T,a_H,beta; T is 4 unless it is given."""
    from mvtheory.distillation.mixture import Anchor

    name, _, setting = text.rpartition("@") if "@" in text else (text, "", "4")
    parts = setting.split(",")
    try:
        temperature = float(parts[0])
        weight = float(parts[1]) if len(parts) > 1 else hard_weight
        beta = float(parts[2]) if len(parts) > 2 else 0.0
        if len(parts) > 3:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{option}={text!r} is not of the form FILE, FILE@T, FILE@T,a_H or FILE@T,a_H,beta; "
            "write soft.npy@4 or distilled.npy@4,0.1"
        ) from None
    return Anchor(
        logits=read_array(option, Path(name)), temperature=temperature, hard_weight=weight,
        beta=beta,
    )  # fmt: skip


def anchors_from_texts(soft: Sequence[str], distilled: Sequence[str]) -> "list[Anchor]":
    """The students of --soft-student and --distilled, in this order."""
    found = [anchor_from_text("--soft-student", text, 0.0) for text in soft]
    return found + [anchor_from_text("--distilled", text, 0.1) for text in distilled]


def advise(
    labels: Annotated[
        Path, typer.Option(help="Classes from 0, shape (N,), one-hot rows, or names (--classes).")
    ],
    student: Annotated[Path, typer.Option(help="Logits of the student of hard labels: (N, K).")],
    teacher: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Logits of the teacher: (N, K); or several.")
    ],
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
            metavar="FILE@T,a_H[,beta]",
            help="Logits of a distilled student, else at T = 4, a_H = 0.1, beta = 0; one or more.",
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
    betas: Annotated[
        str | None,
        typer.Option(help="beta of the divergences to predict, 0 to 1; the students' by default."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Of the intervals, between 0 and 1.")] = 0.9,
    objective: Annotated[
        str,
        typer.Option(
            help="What is to be best: accuracy, balanced accuracy, log loss, brier or calibration "
            "error."
        ),
    ] = "accuracy",
    other_start: Annotated[
        bool, typer.Option("--other-start", help="The students started from different weights.")
    ] = False,
    scaled: Annotated[
        bool,
        typer.Option("--scaled", help="Gradient descent (not Adam) saw the loss below undivided."),
    ] = False,
    classes: Annotated[
        str | None,
        typer.Option(
            help='Names in the order of the columns: cat,dog, a file of them, or "sorted".'
        ),
    ] = None,
    ignore_index: Annotated[
        str | None, typer.Option(help="Label of samples to be left out, such as -100.")
    ] = None,
    probabilities: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="Outputs that are probabilities: all, or some of student,teacher,anchors.",
        ),
    ] = None,
    teacher_indices: Annotated[
        Path | None,
        typer.Option(help="Classes (N, k) of a teacher whose k largest probabilities are given."),
    ] = None,
    rest: Annotated[
        str, typer.Option(help="The other classes of such a teacher: spread, or one class.")
    ] = "spread",
    details: Annotated[
        bool,
        typer.Option(
            "--details", help="List the hypotheses of the random-matrix theory that do not hold."
        ),
    ] = False,
    as_json: JsonAlone = False,
    as_csv: Annotated[
        bool,
        typer.Option("--csv", help="Print a row for each setting; a figure with -o only."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PNG, PDF or SVG file, else advice.png.")
    ] = None,
    width: Width = None,
) -> None:
    """Say whether distilling pays, with which temperature and weight, and how certain that is.

    The loss is a_H CE(y, softmax(s)) + (1 - a_H) T^2 KL(softmax(t/T) || softmax(s/T)): labels y,
    logits s of the student and t of the teacher, natural logarithms, sum over classes, mean over
    samples. With a beta another divergence stands for KL: 0 is this one, 1 the reverse one. What
    other libraries call T, a_H and beta: docs/conventions.md.

    Files are .npy, .npz, .pt, .safetensors, .csv or .parquet; FILE:NAME is one array or column.
    """
    from mvtheory.distillation.advisor import advise as advise_on_arrays
    from mvtheory.distillation.as_logits import Mean, Probabilities, TopK

    one_format(as_json, as_csv)
    quiet = as_json or as_csv
    figure = figure_file(out, "advice.png", quiet)
    converted = _kinds(probabilities)
    anchors = anchors_from_texts(soft_student or [], distilled or [])
    given = {
        "student": read_array("--student", student),
        "teacher": [read_array("--teacher", path) for path in teacher],
    }
    if teacher_indices is not None:
        given["teacher"] = [
            TopK(
                read_array("--teacher-indices", teacher_indices),
                values,
                classes=given["student"].shape[-1],
                rest=rest,
            )
            for values in given["teacher"]
        ]
    elif "teacher" in converted:
        given["teacher"] = [Probabilities(one) for one in given["teacher"]]
    if "student" in converted:
        given["student"] = Probabilities(given["student"])
    if "anchors" in converted:
        anchors = [anchor.holding(Probabilities(anchor.logits)) for anchor in anchors]
    with console.status("Predicting"):
        advice = advise_on_arrays(
            read_array("--labels", labels),
            given["student"],
            given["teacher"][0] if len(given["teacher"]) == 1 else Mean(given["teacher"]),
            anchors=anchors,
            split=None if split is None else read_array("--split", split),
            temperatures=_numbers("--temperatures", temperatures),
            hard_weights=_numbers("--hard-weights", hard_weights),
            betas=None if betas is None else _numbers("--betas", betas),
            confidence=confidence,
            same_start=not other_start,
            scaled=scaled,
            objective=objective,
            classes=None if classes is None else _names(classes),
            ignore_index=None if ignore_index is None else _label(ignore_index),
        )
    if as_json:
        print_json(_plain(advice))
    elif as_csv:
        print_csv(_rows(advice))
    else:
        _report(advice, details)
    if figure is not None:
        without_window()
        from mvtheory.plotting import plot_advice

        save_figure(plot_advice(advice), figure, quiet=quiet, width=width)


def _kinds(text: str | None) -> set[str]:
    """Which outputs are probabilities."""
    known = {"student", "teacher", "anchors"}
    words = set() if text is None else set(text.split(","))
    if not words <= known | {"all"}:
        raise ValueError(f"--probabilities={text!r} is not allowed (all, or some of "
                         "student,teacher,anchors); write it so")  # fmt: skip
    return known if "all" in words else words


def _names(text: str) -> Any:
    """Names of classes from a list, a file of them, or the word sorted."""
    if text == "sorted":
        return text
    if Path(text.rpartition(":")[0] or text).is_file() or Path(text).is_file():
        return read_array("--classes", text)
    return text.split(",")


def _label(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _plain(advice: "Advice") -> dict[str, Any]:
    """The advice as JSON holds it: every field of `Advice`, and what it says of itself."""
    said = ("worth", "temperature", "hard_weight", "assumptions")
    return {
        "advice": str(advice),
        **{name: getattr(advice, name) for name in said},
        **{field.name: getattr(advice, field.name) for field in fields(advice) if field.repr},
        "baselines": asdict(advice.baselines),
        "diagnostics": [asdict(found) for found in advice.diagnostics],
        "measures": {name: asdict(found) for name, found in advice.measures.items()},
        "class_accuracy": asdict(advice.class_accuracy),
        "by_beta": {
            f"{beta:g}": {name: getattr(one, name) for name in ("predicted", "low", "high", *said)}
            for beta, one in advice.by_beta.items()
        },
        "doubts": [found.name for found in advice.doubts],
        "data_doubts": [found.name for found in advice.data_doubts],
    }


def _rows(advice: "Advice") -> list[dict[str, Any]]:
    """A row for each setting of each beta, with what is sought and its interval."""
    return [
        {
            "temperature": temperature,
            "hard_weight": hard_weight,
            "beta": one.beta,
            "measure": one.sought.name,
            "predicted": float(one.sought.predicted[row, column]),
            "low": float(one.sought.low[row, column]),
            "high": float(one.sought.high[row, column]),
            "recommended": one is advice and (row, column) == one.best,
        }
        for one in advice.by_beta.values()
        for row, temperature in enumerate(one.temperatures)
        for column, hard_weight in enumerate(one.hard_weights)
    ]


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option}={text!r} is not a list of numbers; write it as 1,2,4") from None


def _report(advice: "Advice", details: bool) -> None:
    console.print(f"{advice}\n")
    for note in advice.notes:
        console.print(f"Note: {note}.\n")
    sought = advice.sought
    of_beta = f", beta = {advice.beta:g}" if advice.beta or advice.others else ""
    title = f"Predicted {sought.name}{of_beta} ± half the interval; * recommended"
    table = Table(box=None, title=title)
    table.add_column("T", justify="right")
    for hard_weight in advice.hard_weights:
        table.add_column(f"a_H {hard_weight:g}", justify="right", no_wrap=True)
    # Of an interval cut off at its ends the whole half.
    half = np.maximum(sought.high - sought.predicted, sought.predicted - sought.low)
    for row, temperature in enumerate(advice.temperatures):
        cells = [
            ("*" if (row, column) == advice.best else "")
            + "±".join(f"{number:.3f}".removeprefix("0") for number in (middle, half[row, column]))
            for column, middle in enumerate(sought.predicted[row])
        ]
        table.add_row(f"{temperature:g}", *cells)
    # Wider than the screen if it must be: a number cut off at the edge would be another number.
    plain_console(max(console.width, 14 * (1 + len(advice.hard_weights)))).print(table)
    for one in advice.by_beta.values() if advice.others else ():
        said, best = one.sought, one.best
        console.print(
            f"beta {one.beta:g}: T = {one.temperature:g}, a_H = {one.hard_weight:g}, "
            f"{said.predicted[best]:.4f}, {said.low[best]:.4f} to {said.high[best]:.4f}"
        )
    console.print(f"\nAssumes: {advice.assumptions}")
    console.print(
        f"On other samples of the same kind, the {sought.name} differs by "
        f"± {advice.sampling_error:.4f} (one standard error) more."
    )
    first, *unmet = advice.details().splitlines()
    if unmet and not details:
        first = first.removesuffix(":") + " (the advice does not go by them; --details lists them)."
    console.print(f"\n{first}")
    for line in unmet if details else ():
        console.print(line)
