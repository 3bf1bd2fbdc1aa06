"""What a run shows while it goes on: bars on a terminal, else a line every few seconds."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mvtheory.console import console, say
from validation.running.cost import Estimate
from validation.running.watch import Watch
from validation.trial.claim import Verdict
from validation.trial.plan import Plan

INTERVAL = 12.0
"""Seconds between lines where no terminal shows bars: with what comes between two, never 15."""


def bars(*more: ProgressColumn) -> Progress:
    """Bars that begin with a description, shown as it is."""
    return Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), *more, console=console
    )


def track(count: int, words: str) -> Iterator[int]:
    """So many steps, with a bar."""
    with bars(TaskProgressColumn(), TimeRemainingColumn()) as bar:
        yield from bar.track(range(count), description=words)


def duration(seconds: float) -> str:
    """A time in words, as precise as an estimate of it is."""
    if seconds < 1:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def time_left(seconds: float, workers: int | None) -> str:
    """Seconds of computing in words: the time that they take so many workers."""
    if workers is None:
        return f"about {duration(seconds)} of computing left"
    return f"about {duration(seconds / workers)} left"


class Told(Watch):
    """Counts of a run as they come, and the words for them; every outcome is said at once."""

    def __init__(self, plan: Plan, estimate: Estimate, workers: int | None):
        self.lock = threading.RLock()
        self.labels = {
            claim.name: {study.setting.label for study in claim.studies} for claim in plan.claims
        }
        self.estimate, self.workers = estimate, workers
        self.counts: dict[str, tuple[int, int]] = {}
        self.now = ""
        """The setting of which a replicate was finished last."""

    def advance(self, label: str, done: int, wanted: int, seconds: float | None = None) -> None:
        with self.lock:
            self.counts[label] = done, wanted
            if seconds is not None:
                self.estimate.took(label, seconds)
                self.now = label

    def of(self, claim: str | None = None) -> tuple[int, int]:
        """Replicates finished and wanted of a claim's settings; of all without one."""
        labels = self.counts if claim is None else self.labels[claim]
        known = [self.counts[one] for one in labels if one in self.counts]
        return sum(done for done, _ in known), sum(wanted for _, wanted in known)

    def left(self) -> str:
        """What this look still takes, in words."""
        missing = {label: wanted - done for label, (done, wanted) in self.counts.items()}
        return time_left(self.estimate.left(missing), self.workers)

    def line(self) -> str:
        """Where the run is: of the claims under way the first, all, and the time left."""
        with self.lock:
            under_way = [
                f"{name}: {done} of {wanted} replicates"
                for name, own in self.labels.items()
                for done, wanted in [self.of(name)]
                if done < wanted and (not self.now or self.now in own)
            ]
            done, wanted = self.of()
            return "; ".join([*under_way[:1], f"in all {done} of {wanted}", self.left()])

    def decided(self, claim: str, verdict: Verdict, look: int) -> None:
        say(f"{claim}: {verdict}." if look == 1 else f"{claim}: {verdict}, at look {look}.")

    def waits(self, claim: str, look: int) -> None:
        say(f"{claim}: all replicates of look {look} are there; other claims' may yet decide it.")

    def told(self, line: str) -> None:
        say(line)

    def undecided(self, claims: list[str], look: int) -> None:
        say(f"Look {look} is over, undecided: {', '.join(claims)}.")


class Bars(Told):
    """A bar for all, and for each claim under way."""

    def __init__(self, plan: Plan, estimate: Estimate, workers: int | None, bar: Progress):
        super().__init__(plan, estimate, workers)
        self.bar = bar
        self.all = bar.add_task("all claims", total=None, left="")
        self.tasks: dict[str, TaskID] = {
            name: bar.add_task(name, total=None, left="", visible=False) for name in self.labels
        }

    def advance(self, label: str, done: int, wanted: int, seconds: float | None = None) -> None:
        super().advance(label, done, wanted, seconds)
        for name, own in self.labels.items():
            if label in own:
                finished, total = self.of(name)
                self.bar.update(
                    self.tasks[name], completed=finished, total=total or None,
                    visible=0 < finished < total,
                )  # fmt: skip
        finished, total = self.of()
        self.bar.update(self.all, completed=finished, total=total or None, left=self.left())


@contextmanager
def progress(plan: Plan, estimate: Estimate, workers: int | None = 1) -> Iterator[Watch]:
    """Shows the progress of a run on so many workers, None if nobody knows how many."""
    if console.is_terminal:
        columns = (
            MofNCompleteColumn(),
            TextColumn("replicates,"),
            TimeElapsedColumn(),
            TextColumn("elapsed"),
            TextColumn("{task.fields[left]}"),
        )
        with bars(*columns) as bar:
            yield Bars(plan, estimate, workers, bar)
        return
    told = Told(plan, estimate, workers)
    with ticking(lambda: say(told.line()), INTERVAL):
        yield told


@contextmanager
def ticking(say_it: Callable[[], None], interval: float) -> Iterator[None]:
    """Calls it every so many seconds, from a thread: the calling one may compute all the while."""
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(interval):
            say_it()

    thread = threading.Thread(target=tick, daemon=True)
    # Ctrl-C is for the thread that computes: a signal that another one gets would not wake it.
    blocks = hasattr(signal, "pthread_sigmask")
    if blocks:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        thread.start()
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield
    finally:
        ended.set()
        thread.join()
