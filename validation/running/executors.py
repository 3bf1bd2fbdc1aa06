"""Where shards are computed: here, or in processes of this machine; `cluster` adds dask.

Each is a `concurrent.futures.Executor`.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, Self


class WorkersLostError(RuntimeError):
    """Workers are gone or finish nothing; the message says what to do about it."""


class Serial(Executor):
    """Computes in the calling thread, at once."""

    def submit(self, function: Callable, /, *arguments: Any, **options: Any) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(ProcessPoolExecutor):
    """Numbered worker processes that end with the driver, even if it is killed."""

    def __init__(self, workers: int):
        context = multiprocessing.get_context("spawn")
        # Only the driver holds the writing end: workers read its end as the driver's.
        reader, self._alive = context.Pipe(duplex=False)
        start_tracker()
        super().__init__(workers, context, _start_worker, (workers, reader))

    def submit(self, function: Callable, /, *arguments: Any, **options: Any) -> Future:
        with without_ctrl_c():  # the first shard starts the workers
            return super().submit(function, *arguments, **options)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if not wait:
            self._alive.close()  # workers stop where they are
            # Perhaps in the midst of a result, and then who reads it waits for the rest of it as
            # long as anybody could write that: this process too, which never does.
            if self._result_queue is not None:
                self._result_queue._writer.close()  # type: ignore[attr-defined]
        super().shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Threads and processes started here never see Ctrl-C, which is the driver's to handle."""
    if os.name != "posix":  # elsewhere signals cannot be held back
        yield
        return
    start_tracker()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_tracker() -> None:
    """Start what clears away the semaphores of a driver that is killed, if it does not run yet.

    By itself: its start lets Ctrl-C through again, and at its end it would warn of what it clears.
    """
    if os.name != "posix":
        return
    before = os.environ.get("PYTHONWARNINGS")
    quiet = "ignore::UserWarning:multiprocessing.resource_tracker"
    os.environ["PYTHONWARNINGS"] = f"{before},{quiet}" if before else quiet
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _start_worker(workers: int, driver: Any) -> None:
    # Those of a pool are started one after the other, and counted as they are.
    _, _, count = multiprocessing.current_process().name.rpartition("-")
    os.environ["MVTHEORY_WORKER"] = str(int(count.rpartition(":")[2]) % workers)

    def follow() -> None:
        try:
            driver.recv()
        except EOFError:
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@dataclass(frozen=True)
class Pool:
    """A way to make executors: again, when a killed worker has broken one."""

    words: str
    make: Callable[[], Executor]
    width: Callable[[Executor], int]
    """How many shards to keep under way; asked every few seconds."""
    stop: Callable[[Executor], None] = lambda executor: executor.shutdown(
        wait=False, cancel_futures=True
    )
    lost: Callable[[Exception], str | None] = lambda error: None
    """What to tell the user of an error of a shard that the workers are to blame for."""


class Workers:
    """The executor of a run: made when it is first asked for, and anew after a stop."""

    def __init__(self, pool: Pool):
        self.pool = pool
        self._executor: Executor | None = None

    @property
    def executor(self) -> Executor:
        if self._executor is None:
            self._executor = self.pool.make()
        return self._executor

    def width(self) -> int:
        """How many shards to keep under way now."""
        return self.pool.width(self.executor)

    def stop(self) -> None:
        """What is under way is lost."""
        if self._executor is not None:
            stopped, self._executor = self._executor, None
            self.pool.stop(stopped)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def serial() -> Pool:
    """One shard after the other, in this process."""
    return Pool("1 worker, in this process", Serial, lambda _: 1)


def processes(workers: int) -> Pool:
    """Worker processes of this machine; where there are GPUs, each takes one in turn."""
    return Pool(f"{workers} processes", lambda: Processes(workers), lambda _: workers)


def executor(own: Executor, workers: int) -> Pool:
    """An executor of your own with so many workers; it is not shut down."""
    return Pool(type(own).__name__, lambda: own, lambda _: 2 * workers, lambda _: None)
