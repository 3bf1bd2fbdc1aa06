"""Where shards are computed: here, in processes of this machine, or on a dask cluster.

Each is a `concurrent.futures.Executor` with one thread a worker, so that the sums in a matrix
product are taken in the same order wherever it runs.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PATIENCE = "10s"
"""How long a scheduler may take to answer."""


class WorkersLostError(RuntimeError):
    """Workers keep dying without finishing anything."""


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
        numbers = context.Queue()
        for number in range(workers):
            numbers.put(number)
        # Only the driver holds the writing end: workers read its end as the driver's.
        reader, self._alive = context.Pipe(duplex=False)
        super().__init__(workers, context, _start_worker, (numbers, reader))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if not wait:
            self._alive.close()  # workers stop where they are
        super().shutdown(wait, cancel_futures=cancel_futures)


def _start_worker(numbers: Any, driver: Any) -> None:
    os.environ["MVTHEORY_WORKER"] = str(numbers.get())
    # Ctrl-C is the driver's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

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
    """How many shards to keep under way."""
    stop: Callable[[Executor], None] = lambda executor: executor.shutdown(
        wait=False, cancel_futures=True
    )


def serial() -> Pool:
    """One shard after the other, in this process."""
    return Pool("1 worker, in this process", Serial, lambda _: 1)


def processes(workers: int) -> Pool:
    """Worker processes of this machine; where there are GPUs, each takes one in turn."""
    return Pool(f"{workers} processes", lambda: Processes(workers), lambda _: workers)


def executor(own: Executor, workers: int) -> Pool:
    """An executor of your own with so many workers; it is not shut down."""
    return Pool(type(own).__name__, lambda: own, lambda _: 2 * workers, lambda _: None)


@contextmanager
def cluster(scheduler: str | None = None, workers: int = 1) -> Iterator[Pool]:
    """A dask cluster: the one whose scheduler is named, or a local one of `workers` processes.

    Raises ValueError if dask is not installed or the scheduler does not answer.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise ValueError(
            "dask.distributed is not installed: pip install 'mvtheory[cluster]', or use "
            "--processes N, which needs nothing more"
        ) from None

    # A shard in flight on a killed worker is started again elsewhere; give up late.
    with dask.config.set({"distributed.scheduler.allowed-failures": 10}):
        local = None
        if scheduler is None:
            local = LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50
            )
        try:
            client = Client(local or scheduler, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"scheduler={scheduler!r} does not answer ({error}): give the address that "
                "`dask scheduler` printed, such as tcp://host:8786"
            ) from None
        try:
            yield Pool(
                f"dask cluster at {client.scheduler.address}",
                client.get_executor,
                # One ahead for each worker hides the way there and back.
                lambda _: max(1, 2 * sum(client.nthreads().values())),
                lambda executor: executor.shutdown(wait=False),
            )
        finally:
            client.close()
            if local is not None:
                local.close()
