"""Runs a plan: computes the shards that are missing, judges at each look, adds what is needed."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from validation.experiments import restore
from validation.records import files, journal, plans, shards
from validation.records.files import FolderError
from validation.records.gathered import decide, gather
from validation.running.early import Early
from validation.running.executors import Pool, WorkersLostError, serial
from validation.running.task import Task, compute
from validation.running.watch import Watch
from validation.threads import one_thread
from validation.trial.claim import Tables, Verdict
from validation.trial.identity import key
from validation.trial.plan import Plan

PULSE = 2.0
"""Seconds after which workers are counted again while none finishes a shard: more may have come."""
DEATHS_IN_A_ROW = 5
"""So many broken pools without one finished shard between them: the fault is not chance."""


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
    device : "cpu" or "cuda"
    compiled : bool
    minutes : float, optional
        No shard is started after so long; at least what is under way is finished.
    watch : Watch, optional
        Told what goes on.
    keep : tuple of "curves", "weights"
        Large tables to store besides; replicates without them are computed again.

    Raises
    ------
    FolderError
        The folder cannot be written; what was finished is kept.
    WorkersLostError
        Workers keep dying, or their scheduler is gone; what was finished is kept.
    """
    pool = pool or serial()
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    files.tidy(out)
    journal.mend(out)
    plans.register(out, plan)
    journal.log(out, "start", pool=pool.words, device=device, compiled=compiled)
    reason = "interrupted"
    try:
        reason = _looks(
            out, plan, pool, Task(None, plan.seed, 0, device, compiled, keep), deadline,
            watch or Watch(),
        )  # fmt: skip
    except FolderError:
        reason = "folder not writable"
        raise
    except WorkersLostError:
        reason = "workers lost"
        raise
    finally:
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
    pool: Pool,
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
            replace(form, setting=setting, replicate=replicate)
            for description, replicates in plan.wanted(look, undecided).items()
            for setting in [restore(description.plain)]
            for replicate in range(replicates)
        ]
        begin = partial(early.begin, look, undecided)
        if not complete(out, tasks, pool, deadline, watch, begin, early.stored):
            return "the time allowed was used up"
        decided = verdicts(plan, out)
        early.judged(look, decided)
        journal.log(out, "look", number=look, verdicts=[str(v) for v in decided])
        if Verdict.INCONCLUSIVE not in decided:
            return "decided"
    return "last look"


def missing(out: Path, tasks: Iterable[Task]) -> Iterator[Task]:
    """Tasks whose shard is not there; spoilt files are set aside on the way."""
    for setting, own in groupby(tasks, attrgetter("setting")):
        description = setting.describe()
        for task in own:
            try:
                found = shards.find(out, description, task.seed, task.replicate)
            except shards.SpoiltFileError as error:
                path = shards.shard_path(out, key(description, task.seed, task.replicate))
                kept = files.set_aside(out, path)
                journal.log(out, "set aside", file=kept.name, why=str(error))
                found = None
            if found is None or not _kept(out, found.key, task.keep):
                yield task


def _kept(out: Path, name: str, keep: tuple[str, ...]) -> bool:
    return all(shards.extra_path(out, name, table).exists() for table in keep)


def complete(
    out: Path,
    tasks: list[Task],
    pool: Pool,
    deadline: float | None,
    watch: Watch,
    begin: Callable[[Iterable[Task]], None],
    told: Callable[[Task], None],
) -> bool:
    """Compute every shard that is missing; whether all were, before the deadline.

    Where some are, they are given to `begin` at first, and each to `told` when it is stored.
    """
    wanted: dict[str, int] = {}
    for task in tasks:
        wanted[task.setting.label] = wanted.get(task.setting.label, 0) + 1
    left = deque(missing(out, tasks))
    done = dict(wanted)
    for task in left:
        done[task.setting.label] -= 1
    for label in wanted:
        watch.advance(label, done[label], wanted[label])
    if not left:
        return True
    begin(left)
    running: dict[Future, Task] = {}
    stored: list[Task] = []
    deaths = 0
    executor = pool.make()

    def keep(future: Future) -> None:
        """Store a finished shard; whatever went wrong with it is raised."""
        task, result = running[future], future.result()
        _store(out, task, result)
        del running[future]
        label = task.setting.label
        done[label] += 1
        seconds = result[1]["seconds"] if result else None
        watch.advance(label, done[label], wanted[label], seconds)
        stored.append(task)

    try:
        while left or running:
            late = deadline is not None and time.monotonic() >= deadline
            if late and not running:
                return False
            try:
                width = pool.width(executor)
                if late and not width:
                    return False  # what is under way has no worker to finish it
                while left and not late and len(running) < width:
                    running[_submit(out, executor, left[0])] = left[0]
                    left.popleft()
                if not running:
                    time.sleep(PULSE)
                finished, _ = wait(running, PULSE, FIRST_COMPLETED)
                for future in finished:
                    keep(future)
                    deaths = 0
                while stored:
                    told(stored.pop())
            except BrokenExecutor:
                # A worker was killed and took the pool with it: only what was in flight is lost.
                deaths += 1
                journal.log(out, "workers lost", in_flight=len(running))
                if deaths >= DEATHS_IN_A_ROW:
                    raise WorkersLostError(
                        f"workers died {deaths} times without finishing a shard: they may run out "
                        "of memory; use fewer workers. Everything finished is kept"
                    ) from None
                for future in [f for f in running if _has_result(f)]:
                    keep(future)
                left.extendleft(running.values())
                running.clear()
                pool.stop(executor)
                executor = pool.make()
            except Exception as error:
                if words := pool.lost(error):
                    raise WorkersLostError(words) from error
                raise
    finally:
        # Reached with shards under way only by an error or Ctrl-C; what others finished counts.
        try:
            for future in [f for f in running if _has_result(f)]:
                keep(future)
        finally:
            pool.stop(executor)
    return True


def _has_result(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _submit(out: Path, executor: Executor, task: Task) -> Future:
    """Start a shard, unless another run on this folder has finished it meanwhile."""
    name = key(task.setting.describe(), task.seed, task.replicate)
    if shards.shard_path(out, name).exists() and _kept(out, name, task.keep):
        future: Future = Future()
        future.set_result(None)
        return future
    return executor.submit(compute, task)


def _store(out: Path, task: Task, result: tuple[Tables, dict[str, Any]] | None) -> None:
    if result is None:
        return
    tables, provenance = result
    extras = {table: tables.pop(table) for table in task.keep}
    shard = shards.Shard(task.setting.describe(), task.seed, task.replicate, tables, provenance)
    # The shard comes last: where it is, what belongs to it is there.
    for table, rows in extras.items():
        shards.write_extra(out, shard.key, table, rows)
    if not shards.shard_path(out, shard.key).exists():
        shards.write_shard(out, shard)
    journal.log(out, "shard", key=shard.key, seconds=round(provenance["seconds"], 3))
