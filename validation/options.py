"""What the commands are given, and how they end: numbers, workers, folders, Ctrl-C, exit codes."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mvtheory.interrupt import STOPPED, raised
from validation.trial.claim import Verdict

if TYPE_CHECKING:
    from validation.running.executors import Pool

Modules = Annotated[
    list[str] | None,
    typer.Option("--claims", metavar="MODULE", help="Module or package with claims of your own."),
]
"""Claims from outside; the option may be given several times."""
Ledger = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A ledger that knows of other trials.")
]
Roots = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Certificates of trusted authorities, in PEM."),
]
EXIT_CODES = """

Exit code: 0 if every claim comes out as recorded (it holds, or is refuted where it is known to
be), 1 if one comes out the opposite, 3 if none does but one is inconclusive or outside its
assumptions, 4 if all come out as recorded, but one on networks that were there before it was
planned so, 5 (`check` alone) if all do, but with a deviation from the plan, 2 for an error, 130 if
stopped by Ctrl-C."""


def exit_code(
    verdicts: Sequence[Verdict], recorded: Sequence[Verdict], seen: Sequence[str] = ()
) -> int:
    """By the verdicts of a run and those of record, claim by claim; then by claims whose networks
    were there before."""
    if list(verdicts) == list(recorded):
        return 4 if seen else 0
    opposite = {(Verdict.HOLDS, Verdict.FAILS), (Verdict.FAILS, Verdict.HOLDS)}
    return 1 if opposite & set(zip(verdicts, recorded, strict=True)) else 3


def whole(name: str, text: str, least: int) -> int:
    """A whole number from `least` up; anything else is refused."""
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ValueError(
            f"{name}={text!r} is not allowed: a whole number, {name} >= {least}; such as {least}"
        )
    return int(text)


def positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}={text!r} is not allowed: a number of minutes > 0; such as 30")
    return value


@contextmanager
def stoppable(put_away: Callable[[], None]) -> Iterator[None]:
    """Where Ctrl-C finds something to put away, or to say."""
    try:
        with raised():
            yield
    except KeyboardInterrupt:
        put_away()
        raise typer.Exit(STOPPED) from None


def workers_of(own: str | None, workers: str | None, scheduler: str | None) -> int | None:
    """How many workers the options ask for; None where a scheduler alone knows."""
    if sum(option is not None for option in (own, workers, scheduler)) > 1:
        raise ValueError(
            "--processes, --workers and --scheduler exclude each other: name the one that is to "
            "do the work"
        )
    if scheduler is not None:
        return None
    if workers is not None:
        return whole("workers", workers, 1)
    return whole("processes", own, 1) if own is not None else 1


@contextmanager
def pool_for(own: str | None, workers: str | None, scheduler: str | None) -> "Iterator[Pool]":
    """The workers that the options ask for."""
    from validation.running.cluster import cluster
    from validation.running.executors import processes, serial

    count = workers_of(own, workers, scheduler) or 1
    if workers is not None or scheduler is not None:
        with cluster(scheduler, count) as pool:
            yield pool
        return
    yield processes(count) if count > 1 else serial()


def check_folder(out: Path) -> None:
    """Refuse before hours of training, not after, a folder that cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"out={str(out)!r} cannot be written ({error.strerror}): give --out a folder that you "
            "may write to"
        ) from None
