"""The commands of ``python -m validation``: list the claims, run them, report."""

import os
import shlex
import warnings
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from mvtheory.cli import CONTEXT, run_app
from mvtheory.console import Csv, Json, console, one_format, print_csv, print_json, say
from validation import finished
from validation.choosing import (
    affordable,
    check_names,
    of_source,
    take,
    with_settings,
    without_files,
)
from validation.claims import CHAPTERS, CLAIMS, expanded
from validation.data.folder import VARIABLE
from validation.options import (
    EXIT_CODES,
    Modules,
    check_folder,
    exit_code,
    pool_for,
    positive,
    stoppable,
    whole,
    workers_of,
)
from validation.trial.claim import EXTRAS

app = typer.Typer(
    name="validation",
    help="Put the claims of the theory on trial with trained networks.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings=CONTEXT,
)
Preset = StrEnum("Preset", ["quick", "standard", "full"])
Device = StrEnum("Device", ["auto", "cpu", "cuda"])


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        console.print(context.get_help())


@app.command("list")
def list_claims(modules: Modules = None, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the claims that can be put on trial."""
    one_format(as_json, as_csv)
    take(modules)
    if as_json or as_csv:
        rows = [
            {"claim": own.name, "statement": own.title, "source": "; ".join(map(str, own.sources)),
             "expected": own.recorded}
            for own in CLAIMS.values()
        ]  # fmt: skip
        print_json(rows) if as_json else print_csv(rows)
        return
    table = Table(Column("claim", no_wrap=True), "statement", "source", show_lines=True)
    for claim in CLAIMS.values():
        table.add_row(claim.name, claim.title, "\n".join(map(str, claim.sources)))
    console.print(table)


@app.command("new-claim")
def new_claim(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the claim, such as views-agree.")],
    folder: Annotated[Path, typer.Option(help="Where its file is written.")] = Path("."),
) -> None:
    """Write a claim's file to begin with; it is whole, and tested but for training."""
    take(None)
    from validation.drafting import draft

    path = draft(name, folder)
    say(f"Claim: {path}")
    say(f"Test it: python -m pytest {shlex.quote(str(path.with_name(f'test_{path.name}')))}")
    say(f"Put it on trial, where it lies: python -m validation run --claims {path.stem}")


@app.command(help="Train networks, judge claims on them, write the report." + EXIT_CODES)
def run(
    claims: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Claims, or a chapter of them ({', '.join(CHAPTERS)}); all if none is "
            "named, or all of --claims."
        ),
    ] = None,
    modules: Modules = None,
    preset: Annotated[
        Preset | None,
        typer.Option(help="Size of the experiments.", show_default="quick; with --data standard"),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help=f"Folder of data sets, of which standard and full have images. [env: {VARIABLE}]"
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="The one data set to run claims about images on, such as mnist."),
    ] = None,
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
    keep: Annotated[
        list[str] | None, typer.Option(metavar="curves|weights", help="Store these too; large.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Enter plan and verdicts there, and say what it has seen before."
        ),
    ] = None,
    timestamp: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Have the plan's hash signed with the time, by this authority."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show plan and cost, measured from a probe.")
    ] = False,
) -> None:
    # Loaded when needed, for `list` is to be quick; and before there is anything to put away.
    from validation.records.conclusion import conclude
    from validation.report.page import write_report
    from validation.report.progress import INTERVAL, progress, ticking
    from validation.report.terminal import first_words, show_cost, stopped, summarise
    from validation.running.cost import Estimate, recorded
    from validation.running.executors import WorkersLostError
    from validation.running.runner import run as run_plan
    from validation.running.task import resolve_device
    from validation.testing import rehearse
    from validation.trial import plan as plans

    given = take(modules)
    size = preset or (Preset.quick if data is None else Preset.standard)
    named = expanded(claims or [], size)
    check_names(named)
    for name in keep or []:
        if name not in EXTRAS:
            raise ValueError(f"keep={name!r} is not known; choose from {', '.join(EXTRAS)}")
    number = whole("seed", seed, 0)
    minutes = None if budget is None else positive("budget", budget)
    if data is not None:
        os.environ[VARIABLE] = str(data.absolute())  # for the processes that compute too
    names = with_settings(named or given, size)
    every = [claim for claim in CLAIMS.values() if claim.settings(size)]
    chosen = [CLAIMS[name] for name in names] if names else affordable(every, size)
    if source is not None:
        chosen = of_source(source, chosen, size)
    if not named and not os.environ.get(VARIABLE):
        chosen = without_files(chosen, size)
    for claim in chosen:
        for setting in claim.settings(size):
            setting.ready()
    count = workers_of(processes, workers, scheduler)
    if device is Device.cuda:  # refused at once where there is none
        resolve_device(device.value)
    plan = plans.make(chosen, size.value, number)
    for claim in chosen:
        if claim.module:  # ours are tested
            rehearse(claim, size.value)
    if dry_run:
        where = resolve_device(device.value)
        nothing = stoppable(lambda: say("Stopped; nothing was written."))
        with nothing, pool_for(processes, workers, scheduler) as pool:
            show_cost(plan, where, compiled, pool)
        return
    check_folder(out)
    estimate = Estimate(plan)
    for label, seconds in recorded(out, plan):
        estimate.took(label, seconds)
    first_words(out, plan, estimate, count)
    cores = os.cpu_count() or 1
    if cores > 1 and not (processes or workers or scheduler):
        console.print(f"One worker; --processes {cores} would use every core of this machine.")
    if count == 1:  # this process computes, and loads torch before there is something to put away
        resolve_device(device.value)
    with stoppable(lambda: stopped(out)), pool_for(processes, workers, scheduler) as pool:
        try:
            with progress(plan, estimate, count) as watch:
                verdicts = run_plan(
                    out, plan, pool, device.value, compiled, minutes, watch, tuple(keep or ()),
                    ledger, timestamp,
                )  # fmt: skip
        except (WorkersLostError, MemoryError) as error:
            raise ValueError(str(error)) from None
    words = [shlex.quote(str(out)), *(f"--claims {shlex.quote(name)}" for name in modules or [])]
    command = f"python -m validation report {' '.join(words)}"
    with stoppable(lambda: say(f"Stopped; all is measured and kept: `{command}` reports on it.")):
        results = conclude(out, ledger)
        summarise(results)
        say("Writing the report.")
        with ticking(lambda: say("Still writing the report."), INTERVAL):
            path = write_report(out, results)
        say(f"Report: {path}")
    raise typer.Exit(exit_code(verdicts, [claim.recorded for claim in chosen], results.seen))


@app.command()
def calibrate(
    claims: Annotated[
        list[str] | None, typer.Argument(help="Claims; all if none is named.")
    ] = None,
    studies: Annotated[
        str, typer.Option(metavar="N", help="Simulated runs for each place of the truth.")
    ] = "10000",
    seed: Annotated[str, typer.Option(help="Everything random follows from it.")] = "0",
    folder: Annotated[
        Path | None,
        typer.Option(
            help="A finished run: comparisons vary together as on its networks, and wrong formulas "
            "are judged on these too."
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="NAME",
            help="Write NAME.json and NAME.md; what is there and still true is not measured again.",
        ),
    ] = None,
    modules: Modules = None,
) -> None:
    """Measure the verdicts' own error rates: false HOLDS, power, wrong formulas refused.

    Exit code: 0 if they are as they should be, 1 if not.
    """
    take(modules)
    check_names(claims or [])
    from validation import calibration
    from validation.report.progress import track

    number, start = whole("studies", studies, 1), whole("seed", seed, 0)
    before = calibration.read(record) if record else None
    kept = (before.kept if before else {}) | (calibration.trained(folder) if folder else {})
    names = claims or None
    if not claims and before and (before.studies, before.seed) == (number, start):
        names = calibration.stale(before, kept=kept)
    result = calibration.calibrate(number, start, names, kept, folder, track)
    if record:
        result = calibration.merged(before, result)
        calibration.write(record, result)
        say(f"Record: {record.with_suffix('.md')}")
    for table in calibration.tables(result):
        console.print(table)
    for line in calibration.failed(result):
        say(line)
    raise typer.Exit(1 if calibration.failed(result) else 0)


@app.command()
def compare(
    a: Annotated[
        Path,
        typer.Argument(
            metavar="A",
            help="Samples of lm-evaluation-harness (a file or folder); with --labels answers or "
            "logits; else a score of each item.",
        ),
    ],
    b: Annotated[Path, typer.Argument(metavar="B", help="The same of the other model.")],
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Classes from 0, shape (N,).")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Metrics of samples to compare; all by default.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Differences below it do not matter: test equivalence.")
    ] = None,
    confidence: Annotated[float, typer.Option(help="Of all comparisons together.")] = 0.95,
    power: Annotated[float, typer.Option(help="Of the smallest difference told.")] = 0.8,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Compare two models on the same items: exact paired tests, corrected for their number.

    Exit code: 0 if they were compared, whatever comes out.
    """
    from validation.paired import show

    one_format(as_json, as_csv)
    show.compare_files(a, b, labels, metric, margin, confidence, power, as_json, as_csv)


app.add_typer(finished.app)


def main(arguments: list[str] | None = None) -> int:
    # sympy and torch warn about their own internals on some versions; users cannot act on it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    return run_app(app, "validation", arguments)
