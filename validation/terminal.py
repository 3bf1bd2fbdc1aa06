"""What a run shows in the terminal: progress, cost, outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from mvtheory.console import console, say
from validation import plan as plans
from validation import store
from validation.claim import Verdict
from validation.executors import Pool
from validation.report import (
    VERDICT_WORDS,
    finished_words,
    number,
    place,
    record_words,
    write_report,
)


def bars(*more: ProgressColumn) -> Progress:
    """Bars that begin with a description, shown as it is."""
    return Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), *more, console=console
    )


def track(count: int, words: str) -> Iterator[int]:
    """So many steps, with a bar."""
    with bars(TaskProgressColumn(), TimeRemainingColumn()) as bar:
        yield from bar.track(range(count), description=words)


@contextmanager
def progress(plan: dict[str, Any]) -> Iterator[Any]:
    """A bar for each claim: replicates of its settings finished of those wanted, time left."""
    bar = bars(
        MofNCompleteColumn(),
        TextColumn("replicates,"),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
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

    first, last = (
        {setting["label"]: replicates for setting, replicates in plans.wanted(plan, look)}
        for look in (1, len(plan["looks"]))
    )
    table = Table(
        "setting", "networks", "seconds a replicate", "replicates", "at most", box=None,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    measured = costs(plan, device, compiled)
    for cost in measured:
        table.add_row(
            cost.label, str(cost.networks), f"{cost.seconds:.1f}",
            str(first[cost.label]), str(last[cost.label]),
        )  # fmt: skip
    console.print(table)
    planned, most = (
        sum(cost.seconds * replicates[cost.label] for cost in measured)
        for replicates in (first, last)
    )
    console.print(
        f"One worker on {device}: {duration(planned)} for the planned replicates, "
        f"{duration(most)} if every look is needed; n workers need an n-th of it. "
        f"Memory: {peak_memory() / 2**20:.0f} MiB a worker. Chosen: {pool.words}."
    )
    console.print(f"Plan {plans.name_of(plan)}; only the probe was trained, nothing was written.")


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def summarise(results: dict[str, Any]) -> None:
    """The outcome in the terminal: one row a comparison."""
    table = Table("claim", "theory", "range", "observed", "verdict", box=None, padding=(0, 1))
    for claim in results["claims"]:
        table.add_row(Text(claim["name"], style="bold"))
        missed = [c for c in claim["checks"] if c["verdict"] != Verdict.HOLDS]
        for c in missed + claim["comparisons"]:
            e = c["expectation"]
            low = "" if e["low"] is None else number(e["low"], 3)
            high = "" if e["high"] is None else number(e["high"], 3)
            span = f"{low} to {high}" if low and high else f">= {low}" if low else f"<= {high}"
            error = "" if c["standard_error"] is None else f" ± {number(c['standard_error'], 3)}"
            table.add_row(
                f"  {place(e, claim['panels'])}",
                number(e["predicted"], 3),
                span,
                number(c["observed"], 3) + error,
                c["verdict"],
            )
    console.print(table)
    for claim in results["claims"]:
        words = VERDICT_WORDS[claim["verdict"]]
        if claim["look"] is None:
            words = finished_words(claim)
        console.print(f"{claim['name']}: {claim['verdict']}. {words} {record_words(claim)}".strip())
    console.print(
        f"{sum(results['networks'].values())} networks, {results['computed']['seconds']:.0f} s of "
        f"computing; plan {results['hash'][:12]}."
    )
    for deviation in results["deviations"]:
        say(f"Deviation: {deviation}")


def stopped(out: Path) -> None:
    """Say what an interrupted run leaves behind, and report on it."""
    kept = len(store.shard_paths(out))
    say(
        f"Stopped; {kept} finished replicates are kept in {out}. The same command goes on from "
        "there."
    )
    if kept:
        say(f"Report so far: {write_report(out)}")
