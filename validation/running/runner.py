"""Runs a plan: from look to look, until every claim is decided."""

import os
import socket
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from validation.experiments import restore
from validation.records import files, journal, ledger, plans, timestamps
from validation.records.files import FolderError
from validation.records.gathered import decide, gather
from validation.records.lock import alone
from validation.running.completing import complete
from validation.running.early import Early
from validation.running.executors import Pool, Workers, WorkersLostError, serial
from validation.running.task import Task
from validation.running.watch import Watch
from validation.threads import one_thread
from validation.trial.claim import Verdict
from validation.trial.plan import Plan

UNFINISHED = "unfinished"
"""Folder of what is kept of replicates that are under way."""


@one_thread()
def run(
    out: Path,
    plan: Plan,
    pool: Pool | None = None,
    device: str = "cpu",
    compiled: bool = False,
    minutes: float | None = None,
    watch: Watch | None = None,
    keep: tuple[str, ...] = (),
    entered: Path | None = None,
    authority: str | None = None,
) -> list[Verdict]:
    """Carry out a plan in the folder `out` and return a verdict for each of its claims.

    Shards that are there already are kept, whoever computed them. Every finished shard is on
    disk before the next is awaited, so the process may be killed at any time.

    Parameters
    ----------
    out : Path
    plan : Plan
        From `plan.make`; registered in the folder before anything is computed.
    pool : Pool, optional
        Serial by default; see `executors`.
    device : "cpu", "cuda" or "auto"
        "auto" is, in each worker, its GPU if it has one.
    compiled : bool
    minutes : float, optional
        No shard is started after so long; at least what is under way is finished.
    watch : Watch, optional
        Told what goes on.
    keep : tuple of "curves", "weights"
        Large tables to store besides; replicates without them are computed again.
    entered : Path, optional
        A ledger in which the plan is entered beforehand, and its verdicts at the end.
    authority : str, optional
        Address of an authority for timestamps, which is asked to sign the plan's hash before
        anything is trained.

    Raises
    ------
    FolderError
        The folder cannot be written; what was finished is kept.
    WorkersLostError
        Workers keep dying, or their scheduler is gone, or they have other code than the plan names;
        what was finished is kept.
    ValueError
        Another run is at work in the folder.
    """
    form = Task(None, plan.seed, 0, device, compiled, keep, str(out / UNFINISHED))
    with alone(out):
        watch = watch or Watch()
        files.tidy(out)
        journal.mend(out)
        plans.register(out, plan)
        if authority:
            line = timestamps.stamp(out, plan, authority)
            journal.log(out, "timestamp", said=line)
            watch.told(line)
        if entered:
            ledger.enter(entered, plan)
        found = _run(out, plan, pool or serial(), form, minutes, watch)
        if entered:
            ledger.close(
                entered, plan, dict(zip((c.name for c in plan.claims), found, strict=True))
            )
        return found


def _run(
    out: Path, plan: Plan, pool: Pool, form: Task, minutes: float | None, watch: Watch
) -> list[Verdict]:
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    journal.log(
        out, "start", pool=pool.words, device=form.device, compiled=form.compiled,
        host=socket.gethostname(), pid=os.getpid(),
    )  # fmt: skip
    reason = "interrupted"
    try:
        with Workers(pool) as workers:  # the same at all looks: to start one takes seconds
            reason = _looks(out, plan, workers, form, deadline, watch)
    except FolderError:
        reason = "folder not writable"
        raise
    except WorkersLostError:
        reason = "workers lost"
        raise
    finally:
        with suppress(OSError):  # it stays where something in it is unfinished
            (out / UNFINISHED).rmdir()
        try:
            journal.log(out, "stop", reason=reason)
        except FolderError:
            if reason != "folder not writable":
                raise
    return verdicts(plan, out)


def verdicts(plan: Plan, out: Path) -> list[Verdict]:
    decisions = decide(plan, gather(out, plan))
    return [d.verdict for d in decisions] or [Verdict.INCONCLUSIVE] * len(plan.claims)


def _looks(
    out: Path,
    plan: Plan,
    workers: Workers,
    form: Task,
    deadline: float | None,
    watch: Watch,
) -> str:
    """Go from look to look; why it stopped."""
    decided = [Verdict.INCONCLUSIVE] * len(plan.claims)
    early = Early(out, plan, watch)
    for look in range(1, len(plan.levels) + 1):
        undecided = [verdict is Verdict.INCONCLUSIVE for verdict in decided]
        tasks = [
            replace(form, setting=setting, replicate=replicate, code=plan.code.get(setting.trainer))
            for description, replicates in plan.wanted(look, undecided).items()
            for setting in [restore(description.plain)]
            for replicate in range(replicates)
        ]
        begin = partial(early.begin, look, undecided)
        if not complete(out, tasks, workers, deadline, watch, begin, early.stored):
            return "the time allowed was used up"
        decided = verdicts(plan, out)
        early.judged(look, decided)
        journal.log(out, "look", number=look, verdicts=[str(v) for v in decided])
        if Verdict.INCONCLUSIVE not in decided:
            return "decided"
    return "last look"
