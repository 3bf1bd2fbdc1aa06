"""One run at a time in a folder: a second is refused, a killed one leaves nothing in the way."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from validation.records import journal
from validation.records.files import unwritable

NAME = "run.lock"


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Where a run has the folder to itself; ValueError if another has it.

    The lock is the operating system's, which lets go of it when its process ends, however it does.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(out / NAME)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise ValueError(
            f"out={str(out)!r} is in use by another run{_who(out)}: wait until it has ended, stop "
            f"it, or give another folder, such as --out {shlex.quote(f'{out}-2')}"
        ) from None
    except OSError as error:
        raise unwritable(out / NAME, error) from error
    try:
        yield
    finally:
        lock.release()


def _who(out: Path) -> str:
    last = [event for event in journal.events(out) if event["event"] == "start"][-1:]
    return "".join(
        f" (process {event['pid']} on {event['host']}, since {event['time']})"
        for event in last
        if {"pid", "host"} <= set(event)
    )
