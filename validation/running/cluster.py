"""Workers of a dask cluster: one that is there, or one of this machine."""

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from validation.running.executors import Pool, WorkersLostError, without_ctrl_c

PATIENCE = 10.0
"""Seconds that a scheduler may take to answer."""
REMINDER = 60.0
"""Seconds between two lines that say that there is no worker."""
LOOPBACK = "127.0.0.1"

log = logging.getLogger(__name__)


@contextmanager
def cluster(scheduler: str | None = None, workers: int = 1) -> Iterator[Pool]:
    """A dask cluster: the one whose scheduler is named, or a local one of `workers` processes.

    A local one listens to this machine only. Raises ValueError if dask is not installed or the
    scheduler does not answer.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
        from distributed.utils import silence_logging_cmgr
    except ImportError:
        raise ValueError(
            "dask.distributed is not installed: pip install 'mvtheory[cluster]', or use "
            "--processes N, which needs nothing more"
        ) from None

    if scheduler is not None:
        check(scheduler)
    local = None
    # A shard in flight on a killed worker is started again elsewhere; give up late.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 10}),
        silence_logging_cmgr(logging.CRITICAL),
    ):
        with without_ctrl_c():
            if scheduler is None:
                local = LocalCluster(
                    n_workers=workers, threads_per_worker=1, host=LOOPBACK,
                    dashboard_address=f"{LOOPBACK}:0", silence_logs=logging.CRITICAL,
                )  # fmt: skip
            client = Client(local or scheduler, timeout=PATIENCE, set_as_default=False)
        assert client.scheduler is not None  # it is connected: else there was an error above
        address = str(client.scheduler.address)
        try:
            yield Pool(
                f"dask cluster at {address}",
                client.get_executor,
                Width(client),
                lambda executor: executor.shutdown(wait=False),
                lambda error: lost(error, address),
            )
        finally:
            with suppress(TimeoutError, OSError, CancelledError):  # a scheduler that is gone
                client.close(timeout=PATIENCE)
            if local is not None:
                local.close()


def check(scheduler: str) -> None:
    """ValueError unless a scheduler answers at the address."""
    # In a thread of its own: a notebook's has a loop that runs.
    with ThreadPoolExecutor(1) as own:
        try:
            kind = own.submit(asyncio.run, _kind(scheduler)).result()
        except TimeoutError:
            why = f"does not answer within {PATIENCE:g} s"
        except (OSError, ValueError, TypeError) as error:
            why = f"does not answer ({error})"
        else:
            if kind == "Scheduler":
                return
            why = f"is a {kind.lower()}"
    raise ValueError(
        f"scheduler={scheduler!r} {why}: give the address that `dask scheduler` printed after "
        f"'Scheduler at', such as tcp://{LOOPBACK}:8786"
    )


async def _kind(address: str) -> str:
    from distributed.core import rpc

    async with asyncio.timeout(PATIENCE), rpc(address) as server:
        return str((await server.identity())["type"])


class Width:
    """How many shards to keep under way on a cluster; says so when it has no worker."""

    def __init__(self, client: Any):
        self.client = client
        self.address = client.scheduler.address
        self.since: float | None = None
        """When the workers were first missed."""
        self.said = 0.0

    def __call__(self, executor: Executor) -> int:
        threads = self.threads()
        if threads:
            if self.since is not None:
                log.warning("A worker is there: going on.")
            self.since = None
        else:
            self.say_none()
        # One ahead for each worker hides the way there and back.
        return 2 * threads

    def threads(self) -> int:
        try:
            found = self.client.sync(self.client.scheduler.ncores, callback_timeout=PATIENCE)
        except (TimeoutError, OSError, CancelledError) as error:
            raise WorkersLostError(lost_scheduler(self.address)) from error
        return sum(found.values())

    def say_none(self) -> None:
        now = time.monotonic()
        if self.since is None:
            self.since = self.said = now
            log.warning(
                f"No worker is at the scheduler: start one with `dask worker {self.address} "
                "--nthreads 1`, in an environment with the same mvtheory. Waiting; Ctrl-C stops."
            )
        elif now - self.said >= REMINDER:
            self.said = now
            log.warning(
                f"Still no worker at {self.address} after {(now - self.since) / 60:.0f} min."
            )


def lost(error: Exception, address: str) -> str | None:
    """What an error of a shard says of the cluster; None if the shard itself failed."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, CancelledError):
        return lost_scheduler(address)
    if isinstance(error, KilledWorker):
        return (
            "workers died again and again on one shard: they may run out of memory; use fewer "
            "workers. Everything finished is kept"
        )
    if isinstance(error, ModuleNotFoundError):
        return (
            f"a worker has no module {error.name!r}: start the workers in an environment with the "
            "same mvtheory (pip install 'mvtheory[cluster]'). Everything finished is kept"
        )
    return None


def lost_scheduler(address: str) -> str:
    return (
        f"the scheduler at {address} does not answer any more: start one and give its address in "
        "the same command. Everything finished is kept"
    )
