"""What a run says in the terminal: what it will do, what it costs, what came out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from mvtheory.console import console, say
from validation.claims import known
from validation.experiments import restore
from validation.records import shards
from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.report.against import Against
from validation.report.glance import is_as_recorded, known_refuted
from validation.report.page import write_report
from validation.report.progress import INTERVAL, duration, ticking, time_left
from validation.report.rows import rows, telling
from validation.report.words import (
    VERDICT_WORDS,
    claimed,
    earlier_words,
    finished_words,
    headline,
    models_words,
    number,
    place,
    record_words,
    refuting_end,
    seen_words,
    span,
)
from validation.running.cost import Estimate, peak_memory, probed
from validation.running.executors import Pool
from validation.running.verifying import Verified
from validation.trial.claim import Verdict
from validation.trial.identity import key
from validation.trial.plan import Plan


def first_words(out: Path, plan: Plan, estimate: Estimate, workers: int | None) -> None:
    """Before anything is trained: what will be, and about how long it takes."""
    wanted = plan.wanted(1)
    missing = {
        setting.label: sum(
            not shards.shard_path(out, key(setting.plain, plan.seed, replicate)).exists()
            for replicate in range(replicates)
        )
        for setting, replicates in wanted.items()
    }
    models: Counter[str] = Counter()
    for own in wanted:
        setting = restore(own.plain)
        models[setting.kind_of_model] += setting.networks * missing[own.label]
    every, left = sum(wanted.values()), sum(missing.values())
    say(f"Plan {plan.name}")
    there = f", {every - left} of them there already" if left < every else ""
    say(
        f"{counted(len(plan.claims), 'claim')} on {counted(len(wanted), 'setting')}: "
        f"{counted(every, 'replicate')} at the first look{there}; "
        f"{models_words(models)} to train."
    )
    if others := unused(out, plan):
        say(
            f"{counted(others, 'replicate')} in {out} are of other settings than these, such as an "
            "earlier version's or another preset's; they are kept and not used."
        )
    if left:
        words = time_left(estimate.left(missing), workers)
        say(f"First look: {words}, {estimate.basis}.")


def unused(out: Path, plan: Plan) -> int:
    """Replicates in a folder that no look of the plan asks for."""
    names = {
        key(setting.plain, plan.seed, replicate)
        for setting, most in plan.wanted(len(plan.levels)).items()
        for replicate in range(most)
    }
    return sum(path.stem not in names for path in shards.shard_paths(out))


def counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def show_cost(plan: Plan, device: str, compiled: bool, pool: Pool) -> None:
    """The plan, and what it will cost at its first and at its last look."""
    first, last = (
        {setting.label: replicates for setting, replicates in plan.wanted(look).items()}
        for look in (1, len(plan.levels))
    )
    table = Table(
        "setting", "networks", "seconds a replicate", "replicates", "at most", box=None,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    say(
        f"{counted(len(plan.claims), 'claim')} on {counted(len(plan.settings), 'setting')}; one of "
        "each experiment is measured now."
    )
    with ticking(lambda: say("Still measuring."), INTERVAL):
        estimate = probed(plan, device, compiled)
    for setting in plan.settings:
        label = setting.label
        measured = " *" if label in estimate.taken else ""
        table.add_row(
            label, str(restore(setting.plain).networks), f"{estimate.seconds(label):.1f}{measured}",
            str(first[label]), str(last[label]),
        )  # fmt: skip
    console.print(table)
    most_asked = max(plan.claims, key=lambda claim: claim.replicates[0])
    hardest, panels = most_asked.hardest, known(most_asked.name, most_asked.module).panels
    say(
        f"Most replicates are asked for by {most_asked.name}, {most_asked.replicates[0]} at the "
        f"first look, for {place(hardest, panels)}: {number(hardest.expected)} in "
        f"{span(hardest.low, hardest.high)}, with a spread of {number(hardest.spread)} a replicate."
    )
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
    console.print(f"Plan {plan.name}; only the probes were trained, nothing was written.")


def summarise(results: Conclusion) -> None:
    """The outcome in the terminal: how many claims came out as recorded, and the others."""
    others = [record for record in results.claims if not is_as_recorded(record)]
    if others:
        _comparisons(others)
    for record in results.claims:
        verdict, recorded = record.verdict, record.claim.recorded
        words = finished_words(record) if record.look is None else VERDICT_WORDS[verdict]
        told = ""
        if record in others:
            shown = telling(record)
            end = refuting_end(shown.comparison) if shown else ""
            which = f"({shown.place}: {end}.) " if shown and end else ""
            told = f"{words} {which}{record_words(verdict, recorded)} "
        if told or record.seen:
            say(f"{record.name}: {record.outcome}. {told}{seen_words(record)}".strip())
    refuted = known_refuted(results.claims)
    known = f" ({refuted} refuted, as it is known)" if refuted else ""
    came = len(results.claims) - len(others)
    say(f"{came} of {len(results.claims)} claims came out as recorded{known}.")
    if results.registered is None or results.seen:
        say(headline(results))
    console.print(
        f"{models_words(results.models)}, {results.seconds:.0f} s of "
        f"computing; plan {results.plan.name[:12]}."
    )
    show_deviations(results)
    for own in results.earlier:
        say(f"Other plan: {earlier_words(own)}.")


def show_against(other: Against) -> None:
    """Where another run says otherwise: a count, and a line for each such claim."""
    for line in other.lines:
        say(str(line))
    say(f"Against {other.words}: {other.summary}")


def show_deviations(results: Conclusion) -> None:
    """What is to be known before the verdicts are believed."""
    if results.timestamp:
        say(results.timestamp)
    for deviation in results.deviations:
        say(f"Deviation: {deviation}")
    for line in results.lacks:
        say(f"Not said by this record: {line}")


def show_verified(own: Verified) -> None:
    """What came of a replicate that was computed again."""
    if own.same_bits:
        words = "reproduced to the last bit"
    else:
        kind = "within rounding" if own.good else "NOT reproduced"
        words = f"{kind}, off by {own.distance:.2g} spreads of a replicate"
    elsewhere = "" if own.same_environment else ", in another environment"
    say(f"Replicate {own.replicate} of {own.label}: {words}{elsewhere}.")


def show_all_verified(found: Sequence[Verified]) -> None:
    """What came of all of them, and where environments were others."""
    good = sum(own.good for own in found)
    same = sum(own.same_bits for own in found)
    others = {(own.stored_by, own.computed_by) for own in found if not own.same_environment}
    for before, now in sorted(others):
        say(f"Stored by {before}.")
        say(f"Computed now by {now}.")
    say(f"{good} of {len(found)} replicates are reproduced, {same} to the last bit.")


def _comparisons(records: Sequence[ClaimRecord]) -> None:
    """A line for each comparison, and for each precondition that is missed."""
    table = Table("claim", "theory", "range", "observed", "verdict", box=None, padding=(0, 1))
    for record in records:
        table.add_row(Text(record.name, style="bold"))
        for row in rows(record):
            own, expected = row.comparison, row.expectation
            required = row.kind == "precondition"
            if required and own.verdict is Verdict.HOLDS:
                continue
            error = "" if own.standard_error is None else f" ± {number(own.standard_error, 3)}"
            table.add_row(
                f"  {row.place}",
                "-" if required else claimed(expected, 3),
                span(expected.low, expected.high, 3),
                number(own.observed, 3) + error,
                own.verdict,
            )
    console.print(table)


def stopped(out: Path) -> None:
    """Say what an interrupted run leaves behind, and report on it."""
    kept = len(shards.shard_paths(out))
    say(
        f"Stopped; {kept} finished replicates are kept in {out}. The same command goes on from "
        "there."
    )
    if kept:
        say(f"Report so far: {write_report(out)}")
