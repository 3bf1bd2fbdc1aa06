"""Computes the shards of a run that are missing, and stores each as it comes."""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from validation.records import files, journal, shards
from validation.running.executors import Workers, WorkersLostError
from validation.running.task import Task, compute
from validation.running.watch import Watch
from validation.trial.claim import Tables

PULSE = 2.0
"""Seconds after which workers are counted again while none finishes a shard: more may have come."""
DEATHS_IN_A_ROW = 5
"""So many broken pools without one finished shard between them: the fault is not chance."""


def missing(out: Path, tasks: Iterable[Task]) -> Iterator[Task]:
    """Tasks whose shard is not there; spoilt files are set aside on the way."""
    for setting, own in groupby(tasks, attrgetter("setting")):
        description = setting.describe()
        for task in own:
            try:
                found = shards.find(out, description, task.seed, task.replicate)
            except shards.SpoiltFileError as error:
                path = shards.shard_path(out, task.name)
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
    workers: Workers,
    deadline: float | None,
    watch: Watch,
    begin: Callable[[Iterable[Task]], None],
    told: Callable[[Task], None],
) -> bool:
    """Compute every shard that is missing; whether all were, before the deadline.

    Where some are, they are given to `begin` at first, and each to `told` when it is stored. The
    workers are the caller's to stop.
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

    def keep(future: Future) -> None:
        """Store a finished shard; whatever went wrong with it is raised."""
        task, result = running[future], future.result()
        _store(out, task, result)
        del running[future]
        label = task.setting.label
        done[label] += 1
        watch.advance(label, done[label], wanted[label], result[1]["seconds"])
        stored.append(task)

    try:
        while left or running:
            late = deadline is not None and time.monotonic() >= deadline
            if late and not running:
                return False
            try:
                width = workers.width()
                if late and not width:
                    return False  # what is under way has no worker to finish it
                while left and not late and len(running) < width:
                    running[workers.executor.submit(compute, left[0])] = left[0]
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
                workers.stop()
            except Exception as error:
                if words := workers.pool.lost(error):
                    raise WorkersLostError(words) from error
                raise
    finally:
        # Reached with shards under way only by an error or Ctrl-C; what others finished counts.
        for future in [f for f in running if _has_result(f)]:
            keep(future)
    return True


def _has_result(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _store(out: Path, task: Task, result: tuple[Tables, dict[str, Any]]) -> None:
    tables, provenance = result
    if task.code is not None and provenance.get("code") != task.code:
        raise WorkersLostError(
            f"a worker has other code of {task.setting.trainer} than the plan names (its mvtheory "
            f"is {provenance.get('mvtheory', 'an older one')}): start the workers in an "
            "environment with the same mvtheory, then run the same command again. Its result was "
            "not kept; everything finished before is"
        )
    extras = {table: tables.pop(table) for table in task.keep}
    shard = shards.Shard(task.setting.describe(), task.seed, task.replicate, tables, provenance)
    # The shard comes last: where it is, what belongs to it is there.
    for table, rows in extras.items():
        shards.write_extra(out, shard.key, table, rows)
    if not shards.shard_path(out, shard.key).exists():
        # First the log: a shard that it does not name was put there by others.
        seconds = round(provenance["seconds"], 3)
        journal.log(
            out, "shard", key=shard.key, seconds=seconds, digest=shard.digest, provenance=shard.told
        )
        shards.write_shard(out, shard)
    if task.unfinished:
        shutil.rmtree(Path(task.unfinished) / shard.key, ignore_errors=True)
