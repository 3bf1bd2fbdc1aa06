"""The command ``mvtheory ensemble``: how many networks, from files of labels and logits."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from mvtheory.arguments import NETWORKS
from mvtheory.console import console, one_format, plain_console, print_csv, print_json
from mvtheory.figures import JsonAlone, Width, figure_file, save_figure, without_window
from mvtheory.ranges import expand
from mvtheory.reading import read_array

if TYPE_CHECKING:  # the other commands do not wait for it
    from mvtheory.ensembles import EnsembleAdvice

WIDTH = 80
"""Of the table."""


def sizes_from_text(option: str, text: str) -> list[float]:
    """Numbers of networks, such as 1:4,8,inf.

    >>> sizes_from_text("--sizes", "1:4,8,inf")
    [1.0, 2.0, 3.0, 4.0, 8.0, inf]
    """
    argument = replace(NETWORKS, name=option, meaning="networks in the ensemble, or inf")
    words = [
        word
        for part in text.split(",")
        for word in ([part] if part == "inf" else expand(argument, part))
    ]
    return [float("inf") if word == "inf" else float(argument.exact(word)) for word in words]


def members_from_files(files: Sequence[str | Path]) -> Any:
    """Outputs of all networks: a list of one each, or those that one file holds together."""
    found = [read_array("--member", file) for file in files]
    return found[0] if len(found) == 1 and found[0].ndim == 3 else found


def ensemble(
    labels: Annotated[Path, typer.Option(help="Classes from 0: .npy, shape (N,).")],
    member: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE", help="Logits of a network: (N, K); two or more, or one file (n, N, K)."
        ),
    ],
    sizes: Annotated[
        str, typer.Option(help="Numbers of networks: 1:20,32,inf.")
    ] = "1:5,8,10,16,32,inf",
    average: Annotated[
        str, typer.Option(help="Of the probabilities, of the logits, or a vote.")
    ] = "probabilities",
    cost: Annotated[
        float | None,
        typer.Option(help="Accuracy that a network must add; else 0.002 from the limit will do."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Of the intervals, between 0 and 1.")] = 0.9,
    new_samples: Annotated[
        bool, typer.Option("--new-samples", help="Intervals for other samples of the same kind.")
    ] = False,
    as_json: JsonAlone = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a row for each size; a figure with -o only.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PNG, PDF or SVG file, else ensemble.png.")
    ] = None,
    width: Width = None,
) -> None:
    """Say how many networks to average and what they reach, from two or three of them."""
    from mvtheory.ensembles import advise_ensemble

    one_format(as_json, as_csv)
    quiet = as_json or as_csv
    figure = figure_file(out, "ensemble.png", quiet)
    wanted = sizes_from_text("--sizes", sizes)
    members = members_from_files(member)
    classes = read_array("--labels", labels)
    with console.status("Predicting"):
        advice = advise_ensemble(
            classes,
            members,
            sizes=wanted,
            average=average,
            cost=cost,
            confidence=confidence,
            new_samples=new_samples,
        )
    if as_json:
        print_json(_plain(advice))
    elif as_csv:
        print_csv(_rows(advice))
    else:
        _report(advice)
    if figure is not None:
        without_window()
        from mvtheory.plotting import plot_ensemble

        save_figure(plot_ensemble(advice), figure, quiet=quiet, width=width)


def _report(advice: "EnsembleAdvice") -> None:
    console.print(f"{advice}\n")
    what = {"vote": "votes"}.get(advice.average, f"mean {advice.average}")
    where = "new samples" if advice.new_samples else "these samples"
    table = Table(box=None, title=f"Ensembles by {what}, on {where}; * recommended")
    table.add_column("N", justify="right", no_wrap=True)
    for name in ("accuracy", f"{100 * advice.confidence:g} % interval", "log loss", "Brier",
                 "calibration", "vote"):  # fmt: skip
        table.add_column(name, justify="right")
    rows = advice.at(sorted({*advice.sizes.tolist(), float(advice.size)}))
    for row, size in enumerate(rows.sizes):
        table.add_row(
            ("*" if size == advice.size else "") + f"{size:g}",
            f"{rows.accuracy[row]:.4f}",
            f"{rows.low[row]:.4f} to {rows.high[row]:.4f}",
            f"{rows.log_loss[row]:.4f}",
            f"{rows.brier[row]:.4f}",
            f"{rows.calibration_error[row]:.4f}",
            f"{rows.vote[row]:.4f}",
        )
    plain_console(max(console.width, WIDTH)).print(table)
    console.print(
        "\nLog loss in nats, Brier score summed over classes, calibration error in 15 bins. "
        f"Up to N = {advice.members} the accuracy is that of your members' subsets, beyond it is "
        "predicted for networks drawn anew: it falls there if yours are better than most."
    )


def _rows(advice: "EnsembleAdvice") -> list[dict[str, Any]]:
    """A row for each size, with every score."""
    from mvtheory.ensembles.subsets import SCORES

    return [
        {"networks": int(size) if np.isfinite(size) else "inf"}
        | {name: float(getattr(advice, name)[k]) for name in (*SCORES, "low", "high", "vote")}
        | {"recommended": bool(size == advice.size)}
        for k, size in enumerate(advice.sizes)
    ]


def _plain(advice: "EnsembleAdvice") -> dict[str, Any]:
    """The advice as JSON holds it."""
    from mvtheory.ensembles.subsets import SCORES

    limit, low, high = advice.limit
    return {
        "advice": str(advice),
        "sizes": [int(n) if np.isfinite(n) else n for n in advice.sizes.tolist()],
        **{name: getattr(advice, name) for name in SCORES},
        "vote": advice.vote,
        "intervals": {name: np.transpose(bounds) for name, bounds in advice.intervals.items()},
        "recommended": advice.size,
        "limit": {"accuracy": limit, "interval": [low, high]},
        "next_member": advice.next_member,
        "members": advice.members,
        "samples": advice.samples,
        "classes": advice.classes,
        "average": advice.average,
        "cost": advice.cost,
        "confidence": advice.confidence,
        "new_samples": advice.new_samples,
        "subsets": {name: getattr(advice.subsets, name) for name in SCORES},
        "kind": {"advice": str(advice.kind), **asdict(advice.kind)},
        "worth_distilling": advice.worth_distilling,
        "narrower": advice.narrower,
        "doubts": advice.doubts,
    }
