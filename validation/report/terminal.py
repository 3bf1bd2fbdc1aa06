"""What a run says in the terminal: what it will do, what it costs, what came out."""

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from mvtheory.console import console, say
from validation.experiments import restore
from validation.records import store
from validation.report.page import (
    VERDICT_WORDS,
    finished_words,
    number,
    place,
    record_words,
    write_report,
)
from validation.report.progress import duration, time_left
from validation.running.cost import Estimate, peak_memory, probed
from validation.running.executors import Pool
from validation.trial import plan as plans
from validation.trial.claim import Verdict


def first_words(out: Path, plan: dict[str, Any], estimate: Estimate, workers: int | None) -> None:
    """Before anything is trained: what will be, and about how long it takes."""
    wanted = plans.wanted(plan, 1)
    missing = {
        setting["label"]: sum(
            not store.shard_path(out, store.key(setting, plan["seed"], replicate)).exists()
            for replicate in range(replicates)
        )
        for setting, replicates in wanted
    }
    networks = sum(restore(setting).networks * missing[setting["label"]] for setting, _ in wanted)
    every, left = sum(replicates for _, replicates in wanted), sum(missing.values())
    say(f"Plan {plans.name_of(plan)}")
    there = f", {every - left} of them there already" if left < every else ""
    say(
        f"{counted(len(plan['claims']), 'claim')} on {counted(len(wanted), 'setting')}: "
        f"{counted(every, 'replicate')} at the first look{there}; "
        f"{counted(networks, 'network')} to train."
    )
    if others := unused(out, plan):
        say(
            f"{counted(others, 'replicate')} in {out} are of other settings than these, such as an "
            "earlier version's or another preset's; they are kept and not used."
        )
    if left:
        words = time_left(estimate.left(missing), workers)
        say(f"First look: {words}, {estimate.basis}.")


def unused(out: Path, plan: dict[str, Any]) -> int:
    """Replicates in a folder that no look of the plan asks for."""
    names = {
        store.key(setting, plan["seed"], replicate)
        for setting, most in plans.wanted(plan, len(plan["looks"]))
        for replicate in range(most)
    }
    return sum(path.stem not in names for path in store.shard_paths(out))


def counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def show_cost(plan: dict[str, Any], device: str, compiled: bool, pool: Pool) -> None:
    """The plan, and what it will cost at its first and at its last look."""
    first, last = (
        {setting["label"]: replicates for setting, replicates in plans.wanted(plan, look)}
        for look in (1, len(plan["looks"]))
    )
    table = Table(
        "setting", "networks", "seconds a replicate", "replicates", "at most", box=None,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    estimate = probed(plan, device, compiled)
    for setting in plans.settings(plan):
        label = setting["label"]
        measured = " *" if label in estimate.taken else ""
        table.add_row(
            label, str(restore(setting).networks), f"{estimate.seconds(label):.1f}{measured}",
            str(first[label]), str(last[label]),
        )  # fmt: skip
    console.print(table)
    planned, most = (estimate.left(replicates) for replicates in (first, last))
    console.print(
        f"* Measured by a few steps: one setting of each experiment, {len(estimate.taken)} of "
        f"{len(first)}. The others are not measured but reckoned from it, in proportion to "
        "networks, steps and, for patch networks, to samples, dimensions, classes and neurons; so "
        "their costs may be off by a factor of two."
    )
    console.print(
        f"One worker on {device}: {duration(planned)} for the planned replicates, "
        f"{duration(most)} if every look is needed; n workers need an n-th of it. "
        f"Memory: {peak_memory() / 2**20:.0f} MiB a worker. Chosen: {pool.words}."
    )
    console.print(f"Plan {plans.name_of(plan)}; only the probes were trained, nothing was written.")


def summarise(results: dict[str, Any]) -> None:
    """The outcome in the terminal: how many claims came out as recorded, and the others."""
    came = [claim for claim in results["claims"] if claim["verdict"] == claim["recorded"]]
    others = [claim for claim in results["claims"] if claim["verdict"] != claim["recorded"]]
    if others:
        _comparisons(others)
    for claim in others:
        words = VERDICT_WORDS[claim["verdict"]]
        if claim["look"] is None:
            words = finished_words(claim)
        say(f"{claim['name']}: {claim['verdict']}. {words} {record_words(claim)}".strip())
    refuted = sum(claim["verdict"] == Verdict.FAILS for claim in came)
    known = f" ({refuted} refuted, as it is known)" if refuted else ""
    say(f"{len(came)} of {len(results['claims'])} claims came out as recorded{known}.")
    console.print(
        f"{sum(results['networks'].values())} networks, {results['computed']['seconds']:.0f} s of "
        f"computing; plan {results['hash'][:12]}."
    )
    for deviation in results["deviations"]:
        say(f"Deviation: {deviation}")


def _comparisons(claims: list[dict[str, Any]]) -> None:
    """A row for each comparison, and for each precondition that is missed."""
    table = Table("claim", "theory", "range", "observed", "verdict", box=None, padding=(0, 1))
    for claim in claims:
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


def stopped(out: Path) -> None:
    """Say what an interrupted run leaves behind, and report on it."""
    kept = len(store.shard_paths(out))
    say(
        f"Stopped; {kept} finished replicates are kept in {out}. The same command goes on from "
        "there."
    )
    if kept:
        say(f"Report so far: {write_report(out)}")
