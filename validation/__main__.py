"""The command ``python -m validation``: list the claims, run them, report."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mvtheory.cli import run_app
from validation import plan as plans
from validation.claim import Verdict
from validation.executors import Pool, WorkersLostError, cluster, processes, serial
from validation.experiments import CLAIMS
from validation.report import VERDICT_WORDS, write_report
from validation.trial import conclude

app = typer.Typer(
    name="validation",
    help="Put the claims of the theory on trial with trained networks.",
    add_completion=False,
    rich_markup_mode=None,
)
console = Console(highlight=False)

Preset = StrEnum("Preset", ["quick", "standard", "full"])
Device = StrEnum("Device", ["auto", "cpu", "cuda"])
EXIT_CODES = """

Exit code: 0 if every claim holds, 1 if one fails, 3 if none fails but one is inconclusive or
outside its assumptions, 2 for an error, 130 if stopped by Ctrl-C."""


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        console.print(context.get_help())


@app.command("list")
def list_claims() -> None:
    """List the claims that can be put on trial."""
    table = Table("claim", "statement", "source", show_lines=True)
    for claim in CLAIMS.values():
        table.add_row(claim.name, claim.title, "\n".join(claim.sources))
    console.print(table)


@app.command(help="Train networks, judge claims on them, write the report." + EXIT_CODES)
def run(
    claims: Annotated[
        list[str] | None, typer.Argument(help="Claims; all if none is named.")
    ] = None,
    preset: Annotated[Preset, typer.Option(help="Size of the experiments.")] = Preset.quick,
    device: Annotated[Device, typer.Option(help="Where the networks are trained.")] = Device.auto,
    seed: Annotated[str, typer.Option(help="Everything random follows from it.")] = "0",
    out: Annotated[
        Path, typer.Option(help="Folder of the run; what is finished in it is kept and used.")
    ] = Path("report"),
    processes: Annotated[
        str | None, typer.Option(metavar="N", help="Worker processes of this machine.")
    ] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="N", help="Workers of a local dask cluster.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A dask cluster's scheduler.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="MINUTES", help="Start no replicate after so long.")
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Train with torch.compile (pays on a GPU).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show plan and cost, measured from a probe.")
    ] = False,
) -> None:
    from validation.runner import resolve_device
    from validation.runner import run as run_plan

    unknown = [name for name in claims or [] if name not in CLAIMS]
    if unknown:
        raise ValueError(
            f"CLAIM={unknown[0]!r} is not known; choose from {', '.join(CLAIMS)}, or name none "
            "to run them all"
        )
    number = whole("seed", seed, 0)
    minutes = None if budget is None else positive("budget", budget)
    chosen = [CLAIMS[name] for name in dict.fromkeys(claims or CLAIMS)]
    where = resolve_device(device.value)
    plan = plans.make(chosen, preset.value, number)
    with pool_for(processes, workers, scheduler, where) as pool:
        if dry_run:
            show_cost(plan, where, compiled, pool)
            return
        check_folder(out)
        try:
            with progress(plan) as advance:
                verdicts = run_plan(out, plan, pool, where, compiled, minutes, advance)
        except KeyboardInterrupt:
            stopped(out)
            raise typer.Exit(130) from None
        except (WorkersLostError, MemoryError) as error:
            raise ValueError(str(error)) from None
    summarise(conclude(out))
    console.print(f"Report: {write_report(out)}")
    raise typer.Exit(exit_code(verdicts))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
) -> None:
    """Rebuild the report of a run from its raw files."""
    console.print(f"Report: {write_report(folder)}")


@app.command()
def calibrate(
    studies: Annotated[
        str, typer.Option(metavar="N", help="Simulated studies of each kind.")
    ] = "10000",
    seed: Annotated[str, typer.Option(help="Everything random follows from it.")] = "0",
    folder: Annotated[
        Path | None,
        typer.Option(help="A finished run: judge the wrong formulas on its networks too."),
    ] = None,
) -> None:
    """Measure the verdicts' own error rates: false HOLDS, power, wrong formulas refused."""
    from validation.calibrate import calibrate as measure
    from validation.calibrate import passed, tables

    result = measure(whole("studies", studies, 1), whole("seed", seed, 0), folder, console)
    for table in tables(result):
        console.print(table)
    raise typer.Exit(0 if passed(result) else 1)


def exit_code(verdicts: list[Verdict]) -> int:
    if Verdict.FAILS in verdicts:
        return 1
    return 0 if set(verdicts) == {Verdict.HOLDS} else 3


def whole(name: str, text: str, least: int) -> int:
    """A whole number from `least` up; anything else is refused."""
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ValueError(
            f"{name}={text!r} is not allowed: a whole number, {name} >= {least}; such as {least}"
        )
    return int(text)


def positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}={text!r} is not allowed: a number of minutes > 0; such as 30")
    return value


@contextmanager
def pool_for(
    own: str | None, workers: str | None, scheduler: str | None, device: str
) -> Iterator[Pool]:
    """The workers that the options ask for."""
    if sum(option is not None for option in (own, workers, scheduler)) > 1:
        raise ValueError(
            "--processes, --workers and --scheduler exclude each other: name the one that is to "
            "do the work"
        )
    if workers is not None or scheduler is not None:
        count = whole("workers", workers, 1) if workers is not None else 1
        with cluster(scheduler, count) as pool:
            yield pool
        return
    count = whole("processes", own, 1) if own is not None else 1
    if count == 1:
        yield serial()
        return
    devices = 0
    if device == "cuda":
        import torch

        devices = torch.cuda.device_count()
    yield processes(count, devices)


def check_folder(out: Path) -> None:
    """Refuse before hours of training, not after, a folder that cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"out={str(out)!r} cannot be written ({error.strerror}): give --out a folder that you "
            "may write to"
        ) from None


@contextmanager
def progress(plan: dict[str, Any]) -> Iterator[Any]:
    """A bar for each claim: replicates finished of those wanted at this look, time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("replicates,"),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
    )
    labels = {
        claim["name"]: {study["setting"]["label"] for study in claim["studies"]}
        for claim in plan["claims"]
    }
    counts: dict[str, tuple[int, int]] = {}
    with bar:
        tasks = {name: bar.add_task(name, total=None) for name in labels}

        def advance(label: str, done: int, wanted: int) -> None:
            counts[label] = (done, wanted)
            for name, own in labels.items():
                known = [counts[one] for one in own if one in counts]
                bar.update(
                    tasks[name],
                    completed=sum(done for done, _ in known),
                    total=sum(wanted for _, wanted in known) or None,
                )

        yield advance


def show_cost(plan: dict[str, Any], device: str, compiled: bool, pool: Pool) -> None:
    """The plan, and what it will cost at its first and at its last look."""
    from validation.cost import costs, peak_memory

    first, last = (plan["looks"][index]["replicates"] for index in (0, -1))
    table = Table(
        "setting", "networks", "seconds a replicate", "replicates", "at most", box=None,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    measured = costs(plan, device, compiled)
    for cost in measured:
        table.add_row(cost.label, str(cost.networks), f"{cost.seconds:.1f}", str(first), str(last))
    console.print(table)
    seconds = sum(cost.seconds for cost in measured)
    console.print(
        f"One worker on {device}: {duration(seconds * first)} for the planned replicates, "
        f"{duration(seconds * last)} if every look is needed; n workers need an n-th of it. "
        f"Memory: {peak_memory() / 2**20:.0f} MiB a worker. Chosen: {pool.words}."
    )
    console.print(f"Plan {plans.name_of(plan)}; nothing was trained or written.")


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def summarise(results: dict[str, Any]) -> None:
    """The outcome in the terminal: one row a comparison."""
    table = Table("claim", "theory", "range", "observed", "verdict", box=None, padding=(0, 1))
    for claim in results["claims"]:
        table.add_row(f"[bold]{claim['name']}")
        missed = [c for c in claim["checks"] if c["verdict"] != Verdict.HOLDS]
        for c in missed + claim["comparisons"]:
            e = c["expectation"]
            number = isinstance(e["x"], int | float)
            x = f"{e['series']}, N = {e['x']:g}" if number else f"{e['panel']}, {e['x']}"
            low = "" if e["low"] is None else f"{e['low']:.3f}"
            high = "" if e["high"] is None else f"{e['high']:.3f}"
            span = f"{low} to {high}" if low and high else f">= {low}" if low else f"<= {high}"
            error = "" if c["standard_error"] is None else f" ± {c['standard_error']:.3f}"
            table.add_row(
                f"  {x}", f"{e['predicted']:.3f}", span, f"{c['observed']:.3f}{error}", c["verdict"]
            )
    console.print(table)
    for claim in results["claims"]:
        console.print(f"{claim['name']}: {claim['verdict']}. {VERDICT_WORDS[claim['verdict']]}")
    console.print(
        f"{sum(results['networks'].values())} networks, {results['computed']['seconds']:.0f} s of "
        f"computing; plan {results['hash'][:12]}."
    )
    for deviation in results["deviations"]:
        console.print(f"Deviation: {deviation}")


def stopped(out: Path) -> None:
    """Say what an interrupted run leaves behind."""
    kept = len(list((out / "shards").glob("*.parquet")))
    report = f"; report so far: {write_report(out)}" if kept else ""
    console.print(
        f"Stopped; {kept} finished replicates are kept in {out}{report}. "
        "The same command goes on from there."
    )


def main(arguments: list[str] | None = None) -> int:
    # sympy and torch warn about their own internals on some versions; users cannot act on it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    return run_app(app, "validation", arguments)


if __name__ == "__main__":
    sys.exit(main())
