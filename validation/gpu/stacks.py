"""How many networks are trained at once: as many as memory holds and the time left allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from mvtheory.console import say
from validation.gpu.job import Job

MOST = 32
"""What is begun is lost if it is not finished: so many networks, however much memory there is."""
MARGIN = 1.15
"""Of the time that a stack is expected to take."""
TOO_LITTLE = (torch.OutOfMemoryError, MemoryError)


@dataclass(frozen=True)
class Pace:
    """Seconds for the whole training of one network alone, and of a stack of `most`."""

    alone: float
    most: int
    stacked: float

    def seconds(self, networks: int) -> float:
        """Of a stack: between the two that were measured on a straight line."""
        if self.most == 1:
            return self.alone
        return self.alone + (self.stacked - self.alone) * (networks - 1) / (self.most - 1)

    def at_once(self, wanted: int, left: float) -> int:
        """Networks to train next in so many seconds; 0 if not even one is finished in them."""
        limit = min(wanted, self.most) if self.stacked < self.most * self.alone else 1
        fits = (n for n in range(limit, 0, -1) if MARGIN * self.seconds(n) <= left)
        return next(fits, 0)

    def halved(self) -> "Pace":
        most = self.most // 2
        return replace(self, most=most, stacked=self.seconds(most))


def measured(probe: Callable[[int], float], wanted: int) -> Pace:
    """The pace by short trainings; `probe` says what so many networks take, or lacks memory."""
    most = min(MOST, wanted)
    while True:
        try:
            stacked = probe(most)
        except TOO_LITTLE:
            refuse_one(most)
        else:
            return Pace(probe(1) if most > 1 else stacked, most, stacked)
        most = smaller(most)


def refuse_one(networks: int) -> None:
    if networks == 1:
        raise MemoryError("for one network alone; free some of it on the device") from None


def smaller(networks: int) -> int:
    """Half of them, said, with the memory given back."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    say(f"memory does not hold {networks} networks at once: {networks // 2} from here on")
    return networks // 2


def go_through(
    job: Job,
    what: str,
    todo: Sequence[int],
    probe: Callable[[int], float],
    work: Callable[[Sequence[int]], None],
    bytes_each: int,
) -> list[int]:
    """Train networks stack by stack while time and room last; those that are left.

    `work` trains these networks as one stack and writes each of them.
    """
    todo = list(todo)
    if not todo or job.left <= 0:
        return todo
    pace = measured(probe, len(todo))
    say(
        f"{what}: {len(todo)} to train; one takes about {pace.alone:.1f} s alone, "
        f"{pace.stacked / pace.most:.1f} s in a stack of {pace.most}"
    )
    while todo:
        count = min(pace.at_once(len(todo), job.left), job.room // bytes_each)
        if not count:
            short = "time" if job.room >= bytes_each else "room for what is written"
            say(f"{what}: {len(todo)} are left, for which there is no {short} in this call")
            return todo
        try:
            work(todo[:count])
        except TOO_LITTLE:
            refuse_one(count)
        else:
            todo = todo[count:]
            say(f"{what}: {count} more are trained, {len(todo)} to go, {job.left:.0f} s left")
            continue
        smaller(count)
        while pace.most >= count:
            pace = pace.halved()
    return todo
