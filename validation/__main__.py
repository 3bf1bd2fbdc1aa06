"""The command ``python -m validation``: list the claims, run them, report."""

import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mvtheory.cli import run_app
from validation.report import VERDICT_WORDS, write_report

app = typer.Typer(
    name="validation",
    help="Put the claims of the theory on trial with trained networks.",
    add_completion=False,
    rich_markup_mode=None,
)
console = Console(highlight=False)

Preset = StrEnum("Preset", ["quick", "standard", "full"])
Device = StrEnum("Device", ["auto", "cpu", "cuda"])
OUT_HELP = "Folder of the run; finished networks in it are kept and used."


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        console.print(context.get_help())


@app.command("list")
def list_claims() -> None:
    """List the claims that can be put on trial."""
    from validation.experiments import CLAIMS

    table = Table("claim", "statement", "source", show_lines=True)
    for claim in CLAIMS.values():
        table.add_row(claim.name, claim.title, "\n".join(claim.sources))
    console.print(table)


@app.command()
def run(
    claims: Annotated[
        list[str] | None, typer.Argument(help="Claims; all if none is named.")
    ] = None,
    preset: Annotated[Preset, typer.Option(help="Size of the experiments.")] = Preset.quick,
    device: Annotated[Device, typer.Option(help="Where the networks are trained.")] = Device.auto,
    seed: Annotated[str, typer.Option(help="Everything random follows from it.")] = "0",
    out: Annotated[Path, typer.Option(help=OUT_HELP)] = Path("report"),
) -> None:
    """Train networks, judge claims on them, write the report."""
    from validation.experiments import CLAIMS
    from validation.runner import run_claims

    unknown = [name for name in claims or [] if name not in CLAIMS]
    if unknown:
        raise ValueError(
            f"CLAIM={unknown[0]!r} is not known; choose from {', '.join(CLAIMS)}, or name none "
            "to run them all"
        )
    number = check_seed(seed)
    check_folder(out)
    chosen = [CLAIMS[name] for name in dict.fromkeys(claims or CLAIMS)]
    try:
        with progress_bar() as bar:
            task = bar.add_task("preparing", total=None)

            def advance(label: str, steps: int, total: int) -> None:
                bar.update(task, total=total, advance=steps, description=f"training {label}")

            results = run_claims(chosen, preset.value, device.value, number, out, advance)
    except KeyboardInterrupt:
        stopped(out)
        raise typer.Exit(130) from None
    verdicts(results)
    console.print(f"Report: {write_report(out)}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
) -> None:
    """Render the report of a run again, from its results.json."""
    console.print(f"Report: {write_report(folder)}")


def check_seed(seed: str) -> int:
    """The seed as a number; anything that is not a whole number from 0 up is refused."""
    if not (seed.isascii() and seed.isdigit()):
        raise ValueError(f"seed={seed!r} is not allowed: a whole number, seed >= 0; such as 0")
    return int(seed)


def check_folder(out: Path) -> None:
    """Refuse before hours of training, not after, a folder that cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"out={str(out)!r} cannot be written ({error.strerror}): give --out a folder you own"
        ) from None


def progress_bar() -> Any:
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
    )


def verdicts(results: dict[str, Any]) -> None:
    """The outcome in the terminal: one row a comparison."""
    table = Table("claim", "theory", "range", "observed", "verdict", box=None, padding=(0, 1))
    for claim in results["claims"]:
        table.add_row(f"[bold]{claim['name']}")
        for c in claim["comparisons"]:
            e = c["expectation"]
            named = isinstance(e["x"], str)
            x = f"{e['panel']}, {e['x']}" if named else f"{e['series']}, N = {e['x']:g}"
            table.add_row(
                f"  {x}",
                f"{e['predicted']:.3f}",
                f"{e['low']:.3f} to {e['high']:.3f}",
                f"{c['observed']:.3f} ± {c['standard_error']:.3f}",
                c["verdict"],
            )
    console.print(table)
    for claim in results["claims"]:
        console.print(f"{claim['name']}: {claim['verdict']}. {VERDICT_WORDS[claim['verdict']]}")
    memory = results["peak_memory_bytes"] / 2**20
    console.print(f"{results['seconds']:.0f} s, {memory:.0f} MiB at most.")


def stopped(out: Path) -> None:
    """Say what an interrupted run leaves behind."""
    again = "The same command goes on from there."
    if (out / "results.json").exists():
        console.print(f"Stopped. Finished claims: {write_report(out)}. {again}")
    else:
        kept = len(list((out / "measured").glob("*.json")))
        console.print(
            f"Stopped before a claim was finished; {kept} settings kept in {out}. {again}"
        )


def main(arguments: list[str] | None = None) -> int:
    # sympy and torch warn about their own internals on some versions; users cannot act on it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    return run_app(app, "validation", arguments)


if __name__ == "__main__":
    sys.exit(main())
