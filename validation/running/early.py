"""Verdicts that are certain before a look is complete, to be told at once.

A look judges all claims together, and Holm's method is monotone: p-values that get smaller can only
add decisions. So a claim that is decided with the p-values of unfinished claims set to 1 is decided
in the same way when these are known. Nothing is decided here that the look will not decide.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from validation.records.gathered import gather
from validation.running.task import Task
from validation.running.watch import Watch
from validation.trial.claim import Verdict
from validation.trial.plan import Description, Plan
from validation.trial.verdict import Case, judge


class Early:
    """Follows the shards of a run and tells each verdict once, as soon as it is certain."""

    def __init__(self, out: Path, plan: Plan, watch: Watch):
        self.out, self.plan, self.watch = out, plan, watch
        self.names = [claim.name for claim in plan.claims]
        self.cases: list[Case | None] = [None] * len(self.names)
        self.lacking: dict[int, set[tuple[Description, int]]] = {}
        self.told: set[int] = set()
        self.decided: list[Verdict] = []
        self.look = 0

    def begin(self, look: int, undecided: list[bool], missing: Iterable[Task]) -> None:
        """At the start of look 1, 2, ...: which claims are judged, and which tasks are to come."""
        self.look = look
        left: dict[Description, set[int]] = {}
        for task in missing:
            left.setdefault(_setting(task), set()).add(task.replicate)
        self.lacking = {}
        for index, claim in enumerate(self.plan.claims):
            if undecided[index]:
                # What it showed at the last look counts no more.
                self.cases[index] = None
                self.lacking[index] = {
                    (study.setting, replicate)
                    for study in claim.studies
                    for replicate in left.get(study.setting, ())
                    if replicate < claim.replicates[look - 1]
                }
        self._judge()

    def stored(self, task: Task) -> None:
        """A shard is on disk."""
        finished = _setting(task), task.replicate
        for lacks in self.lacking.values():
            lacks.discard(finished)
        self._judge()

    def judged(self, look: int, verdicts: list[Verdict]) -> None:
        """A look is over."""
        self.look = look
        self._tell(verdicts)
        self.decided = verdicts
        open_claims = [v is Verdict.INCONCLUSIVE for v in verdicts]
        if any(open_claims):
            left = [name for name, is_open in zip(self.names, open_claims, strict=True) if is_open]
            self.watch.undecided(left, look)

    def _judge(self) -> None:
        complete = [index for index, lacks in self.lacking.items() if not lacks]
        if not complete:
            return
        for index in complete:
            del self.lacking[index]
            self.cases[index] = self._case(index)
        found = judge(self.cases, self.look, self.plan.alpha, self.decided)
        verdicts = [decision.verdict for decision in found]
        self._tell(verdicts)
        for index in complete:
            if verdicts[index] is Verdict.INCONCLUSIVE:
                self.watch.waits(self.names[index], self.look)

    def _case(self, index: int) -> Case | None:
        """A claim's observations at this look, from its own shards alone."""
        claim = self.plan.claims[index]
        claim = replace(claim, replicates=claim.replicates[: self.look])
        own = replace(self.plan, levels=self.plan.levels[: self.look], claims=(claim,))
        return gather(self.out, own).complete_case(claim, claim.replicates[-1])

    def _tell(self, verdicts: list[Verdict]) -> None:
        for index, verdict in enumerate(verdicts):
            if verdict is not Verdict.INCONCLUSIVE and index not in self.told:
                self.told.add(index)
                self.watch.decided(self.names[index], verdict, self.look)


def _setting(task: Task) -> Description:
    return Description.of(task.setting.describe())
