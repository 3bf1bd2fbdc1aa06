"""What a folder holds of a plan: finished replicates, what claims observe on them, verdicts."""

from dataclasses import dataclass, field
from pathlib import Path

from validation.claims import known
from validation.experiments import restore
from validation.records import shards
from validation.records.shards import Shard, SpoiltFileError
from validation.trial.claim import Claim, Measured, Sample
from validation.trial.identity import key
from validation.trial.plan import Description, Plan, PlannedClaim, Study
from validation.trial.verdict import Case, Decision, level, sequential


@dataclass(frozen=True)
class Evidence:
    """The finished replicates of a plan."""

    measured: dict[Description, Measured]
    missing: dict[Description, list[int]]
    """Of all replicates that the last look may ask for."""
    by_setting: dict[Description, list[Shard]]
    """In the order of their replicates."""
    spoilt: list[str]
    _cut: dict[tuple[Description, int], Measured] = field(default_factory=dict)
    _cases: dict[tuple[str, int], Case] = field(default_factory=dict)

    @property
    def shards(self) -> list[Shard]:
        return [shard for own in self.by_setting.values() for shard in own]

    def wanted(self, seed: int) -> set[str]:
        """Keys of all replicates that the last look may ask for."""
        return {
            key(setting.plain, seed, replicate)
            for setting, own in self.by_setting.items()
            for replicate in [*(shard.replicate for shard in own), *self.missing[setting]]
        }

    def lacks(self, setting: Description, replicates: int) -> list[int]:
        """Which of the first so many replicates of a setting are not finished."""
        return [n for n in self.missing[setting] if n < replicates]

    def shards_of(self, setting: Description, replicates: int) -> list[Shard]:
        """The first so many that are finished of a setting."""
        return self.by_setting[setting][:replicates]

    def first(self, setting: Description, replicates: int) -> Measured:
        """The first so many replicates that are finished of a setting; claims share them."""
        if (setting, replicates) not in self._cut:
            self._cut[setting, replicates] = self.measured[setting].first(replicates)
        return self._cut[setting, replicates]

    def case(self, planned: PlannedClaim, replicates: int) -> Case:
        """A claim's observations on the first so many replicates that are finished of each setting.

        They are made once, however often the claim is judged by them.
        """
        if (planned.name, replicates) not in self._cases:
            self._cases[planned.name, replicates] = self._observed(planned, replicates)
        return self._cases[planned.name, replicates]

    def complete_case(self, planned: PlannedClaim, replicates: int) -> Case | None:
        """A claim's observations on its first replicates, or None if some are missing."""
        if any(self.lacks(study.setting, replicates) for study in planned.studies):
            return None
        return self.case(planned, replicates)

    def _observed(self, planned: PlannedClaim, replicates: int) -> Case:
        claim = known(planned.name, planned.module)
        samples: list[Sample] = []
        checks: list[Sample] = []
        for study in planned.studies:
            seen, met = observed(claim, study, self.first(study.setting, replicates))
            samples += seen
            checks += met
        return Case(
            [e for study in planned.studies for e in study.expectations],
            samples,
            [e for study in planned.studies for e in study.requirements],
            checks,
        )


def observed(claim: Claim, study: Study, measured: Measured) -> tuple[list[Sample], list[Sample]]:
    """Samples for what a claim expects of a setting, and for what it requires.

    ValueError if they are not as many.
    """
    found = claim.observe(measured), claim.check(measured)
    for samples, expected, words in zip(
        found, (study.expectations, study.requirements), ("observe", "check"), strict=True
    ):
        if len(samples) != len(expected):
            raise ValueError(
                f"claim {claim.name!r}: {words} gives {len(samples)} samples of "
                f"{study.setting.label!r}, for {len(expected)} numbers that are expected: give one "
                "for each, in the same order"
            )
    return found


_latest: list[tuple[str, Evidence]] = []
"""What was gathered last, and for which plan: as long as no file changes it is not made again."""


def gather(out: Path, plan: Plan) -> Evidence:
    """The finished shards of a plan; spoilt files count as missing.

    ValueError if a claim of the plan is not known here.
    """
    for claim in plan.claims:  # before its settings are looked for
        known(claim.name, claim.module)
    evidence = Evidence({}, {}, {}, [])
    for setting, most in plan.wanted(len(plan.levels)).items():
        own: list[Shard] = []
        missing = []
        for replicate in range(most):
            try:
                shard = shards.find(out, setting.plain, plan.seed, replicate)
            except SpoiltFileError as error:
                evidence.spoilt.append(str(error))
                shard = None
            if shard is None:
                missing.append(replicate)
            else:
                own.append(shard)
        evidence.measured[setting] = shards.measured(restore(setting.plain), own)
        evidence.missing[setting] = missing
        evidence.by_setting[setting] = own
    for before, kept in _latest:
        if before == plan.name and _same(kept, evidence):
            return kept
    _latest[:] = [(plan.name, evidence)]
    return evidence


def _same(one: Evidence, other: Evidence) -> bool:
    """Whether both hold the very same shards: `shards.find` gives one twice if its file is."""
    return one.spoilt == other.spoilt and list(map(id, one.shards)) == list(map(id, other.shards))


def decide(plan: Plan, evidence: Evidence) -> list[Decision]:
    """Verdicts at the looks reached so far; empty before the first.

    Raises ValueError if the plan was made for another rule of spending the error.
    """
    if any(spent != level(look, plan.alpha) for look, spent in enumerate(plan.levels, start=1)):
        raise ValueError(
            "the plan's levels are not those of this version's stopping rule: use the version of "
            f"mvtheory that made it ({plan.mvtheory})"
        )
    return sequential(
        [claim.replicates for claim in plan.claims],
        lambda index, replicates: evidence.complete_case(plan.claims[index], replicates),
        plan.alpha,
    )
