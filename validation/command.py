"""The commands of ``python -m validation``: list the claims, run them, report."""

import os
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from mvtheory.cli import run_app
from mvtheory.console import console, say
from mvtheory.interrupt import STOPPED, raised
from validation.claims import CHAPTERS, CLAIMS, expanded, installed, register
from validation.data.folder import VARIABLE
from validation.trial.claim import EXTRAS, Claim, Verdict

if TYPE_CHECKING:
    from validation.running.executors import Pool

app = typer.Typer(
    name="validation",
    help="Put the claims of the theory on trial with trained networks.",
    add_completion=False,
    rich_markup_mode=None,
)
Preset = StrEnum("Preset", ["quick", "standard", "full"])
Device = StrEnum("Device", ["auto", "cpu", "cuda"])
Modules = Annotated[
    list[str] | None,
    typer.Option("--claims", metavar="MODULE", help="Module or package with claims of your own."),
]
"""Claims from outside; the option may be given several times."""
Ledger = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A ledger that knows of other trials.")
]
Roots = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Certificates of trusted authorities, in PEM."),
]
EXIT_CODES = """

Exit code: 0 if every claim comes out as recorded (it holds, or is refuted where it is known to
be), 1 if one comes out the opposite, 3 if none does but one is inconclusive or outside its
assumptions, 4 if all come out as recorded, but one on networks that were there before it was
planned so, 5 (`check` alone) if all do, but with a deviation from the plan, 2 for an error, 130 if
stopped by Ctrl-C."""


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        console.print(context.get_help())


@app.command("list")
def list_claims(modules: Modules = None) -> None:
    """List the claims that can be put on trial."""
    take(modules)
    table = Table(Column("claim", no_wrap=True), "statement", "source", show_lines=True)
    for claim in CLAIMS.values():
        table.add_row(claim.name, claim.title, "\n".join(map(str, claim.sources)))
    console.print(table)


@app.command(help="Train networks, judge claims on them, write the report." + EXIT_CODES)
def run(
    claims: Annotated[
        list[str] | None,
        typer.Argument(
            help="Claims, or `images` for all about images; all if none is named, or all of "
            "--claims."
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
    every = [name for name, claim in CLAIMS.items() if claim.settings(size)]
    chosen = [CLAIMS[name] for name in with_settings(named or given, size) or every]
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
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    modules: Modules = None,
    ledger: Ledger = None,
    roots: Roots = None,
) -> None:
    """Rebuild the report of a run from its raw files."""
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.page import write_report

    with stoppable(lambda: say("Stopped; the same command writes the report again.")):
        say(f"Report: {write_report(folder, conclude(folder, ledger, roots))}")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    sample: Annotated[str, typer.Option(metavar="N", help="Replicates to compute again.")] = "5",
    seed: Annotated[str, typer.Option(help="Of the choice of replicates.")] = "0",
    modules: Modules = None,
) -> None:
    """Compute some replicates of a run anew, drawn by chance: are they what is stored?

    Exit code: 0 if all are, to the last bit or, in another environment, within half of the spread
    of a replicate; and the folder departs in nothing from its log and plan. Else 1.
    """
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.terminal import show_all_verified, show_deviations, show_verified
    from validation.running.verifying import verify as compute_again

    results = conclude(folder)
    show_deviations(results)
    count, chosen = whole("sample", sample, 1), whole("seed", seed, 0)
    with stoppable(lambda: say("Stopped; nothing was written.")):
        found = compute_again(folder, results.plan, count, chosen, show_verified)
    show_all_verified(found)
    good = all(own.good for own in found) and not results.deviations
    raise typer.Exit(0 if good else 1)


@app.command(
    help="Judge a finished run again, write its report, and say by the exit code how it came out; "
    "within GitHub Actions with annotations and a summary." + EXIT_CODES
)
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    modules: Modules = None,
    ledger: Ledger = None,
    roots: Roots = None,
) -> None:
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.github import tell
    from validation.report.page import write_report
    from validation.report.terminal import summarise

    results = conclude(folder, ledger, roots)
    summarise(results)
    tell(results)
    say(f"Report: {write_report(folder, results)}")
    verdicts = [record.verdict for record in results.claims]
    recorded = [record.claim.recorded for record in results.claims]
    code = exit_code(verdicts, recorded, results.seen)
    raise typer.Exit(code or (5 if results.deviations else 0))


@app.command("schema")
def print_schema() -> None:
    """Print the JSON schema of the verdicts.json that a report writes."""
    from validation.report.machine import schema

    print(schema(), end="")


@app.command("claims")
def claims_table(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
    out: Annotated[
        Path, typer.Option(help="The page; its figures go into a folder of its name.")
    ] = Path("docs/claims.md"),
    modules: Modules = None,
) -> None:
    """Write the table of all claims with their verdicts, a page of Markdown."""
    take(modules)
    from validation.report.claims_table import write_claims

    with stoppable(lambda: say("Stopped; the same command writes the table again.")):
        say(f"Table: {write_claims(folder, out)}")


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
    json: Annotated[bool, typer.Option("--json", help="All of it, as JSON.")] = False,
) -> None:
    """Compare two models on the same items: exact paired tests, corrected for their number.

    Exit code: 0 if they were compared, whatever comes out.
    """
    from validation.paired import show

    show.compare_files(a, b, labels, metric, margin, confidence, power, json)


def check_names(names: list[str]) -> None:
    """Refuse what is no claim's name."""
    for name in names:
        if name not in CLAIMS:
            raise ValueError(
                f"CLAIM={name!r} is not known; choose from {', '.join([*CLAIMS, *CHAPTERS])}, or "
                "name none to take them all; of one of your own give the module too, by --claims "
                "MODULE"
            )


def take(modules: list[str] | None) -> list[str]:
    """Put claims from outside on the list; the names of those of the modules.

    After them come those of installed packages; what is broken there is told, and left out.
    """
    if modules and not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())  # as for `python -m`
    names = [name for module in modules or [] for name in register(module)]
    for line in installed():
        print(f"validation: {line}", file=sys.stderr)
    return names


def without_files(claims: list[Claim], preset: str) -> list[Claim]:
    """Those that need no files; of others it is told what they lack."""
    kept = [claim for claim in claims if not any(s.files for s in claim.settings(preset))]
    if left := [claim.name for claim in claims if claim not in kept]:
        say(f"Left out, for they need images: {', '.join(left)}. Give their folder by --data.")
    return kept


def of_source(source: str, claims: list[Claim], preset: str) -> list[Claim]:
    """These claims on this source of images alone, without those that have nothing of it."""
    # Settings that are not about images have no source.
    settings = {
        claim.name: [(getattr(s, "source", ""), s) for s in claim.settings(preset)]
        for claim in claims
    }
    own = {name: tuple(s for of, s in every if of == source) for name, every in settings.items()}
    if not any(own.values()):
        known = sorted({of for every in settings.values() for of, _ in every if of})
        raise ValueError(
            f"source={source!r} is not allowed: the claims chosen have "
            f"{', '.join(map(repr, known)) or 'no images'} at --preset {preset}; give one of "
            "these, or other claims"
        )

    def on_it(claim: Claim) -> Claim:
        return replace(claim, settings=lambda preset: own[claim.name])

    return [on_it(claim) for claim in claims if own[claim.name]]


def with_settings(names: list[str], preset: str) -> list[str]:
    """These names, each of which must have something to train."""
    for name in names:
        if not CLAIMS[name].settings(preset):
            raise ValueError(
                f"CLAIM={name!r} is not allowed with --preset {preset} (it trains on files alone); "
                "give --preset standard or full, and the folder of the files by --data"
            )
    return names


def exit_code(
    verdicts: Sequence[Verdict], recorded: Sequence[Verdict], seen: Sequence[str] = ()
) -> int:
    """By the verdicts of a run and those of record, claim by claim; then by claims whose networks
    were there before."""
    if list(verdicts) == list(recorded):
        return 4 if seen else 0
    opposite = {(Verdict.HOLDS, Verdict.FAILS), (Verdict.FAILS, Verdict.HOLDS)}
    return 1 if opposite & set(zip(verdicts, recorded, strict=True)) else 3


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
def stoppable(put_away: Callable[[], None]) -> Iterator[None]:
    """Where Ctrl-C finds something to put away, or to say."""
    try:
        with raised():
            yield
    except KeyboardInterrupt:
        put_away()
        raise typer.Exit(STOPPED) from None


def workers_of(own: str | None, workers: str | None, scheduler: str | None) -> int | None:
    """How many workers the options ask for; None where a scheduler alone knows."""
    if sum(option is not None for option in (own, workers, scheduler)) > 1:
        raise ValueError(
            "--processes, --workers and --scheduler exclude each other: name the one that is to "
            "do the work"
        )
    if scheduler is not None:
        return None
    if workers is not None:
        return whole("workers", workers, 1)
    return whole("processes", own, 1) if own is not None else 1


@contextmanager
def pool_for(own: str | None, workers: str | None, scheduler: str | None) -> "Iterator[Pool]":
    """The workers that the options ask for."""
    from validation.running.cluster import cluster
    from validation.running.executors import processes, serial

    count = workers_of(own, workers, scheduler) or 1
    if workers is not None or scheduler is not None:
        with cluster(scheduler, count) as pool:
            yield pool
        return
    yield processes(count) if count > 1 else serial()


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


def main(arguments: list[str] | None = None) -> int:
    # sympy and torch warn about their own internals on some versions; users cannot act on it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    return run_app(app, "validation", arguments)
