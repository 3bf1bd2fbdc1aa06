"""Preregistration: what a run will claim, by which tests, written and hashed before training."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.metadata import version
from typing import Any

from validation.code import code
from validation.threads import one_thread
from validation.trial.claim import Claim, Expectation
from validation.trial.design import LOOKS, design
from validation.trial.identity import SCHEMA, canonical, sha256
from validation.trial.rules import SEEDS, STOPPING, TESTS
from validation.trial.verdict import ALPHA, level

TARGETS = {"smoke": 0.0, "quick": 0.9, "standard": 0.95, "full": 0.99}
"""Power of each preset's first look; smoke is for tests of the machinery."""


@dataclass(frozen=True)
class Description:
    """What a setting says of itself; settings are the same if all of it is.

    A plan holds no settings, for this version may not know their experiments any more.
    """

    text: str
    """The canonical text of `plain`."""

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Description":
        return cls(canonical(plain))

    @cached_property
    def plain(self) -> dict[str, Any]:
        """As `Setting.describe` gives it, and `experiments.restore` takes it; not to be changed."""
        return json.loads(self.text)

    @property
    def label(self) -> str:
        return self.plain["label"]

    @property
    def experiment(self) -> str:
        return self.plain["experiment"]


@dataclass(frozen=True)
class Study:
    """What a claim predicts of one setting."""

    setting: Description
    expectations: tuple[Expectation, ...]
    requirements: tuple[Expectation, ...]
    """The preconditions."""

    def plain(self) -> dict[str, Any]:
        return {
            "setting": self.setting.plain,
            "expectations": [e.plain() for e in self.expectations],
            "requirements": [e.plain() for e in self.requirements],
        }


@dataclass(frozen=True)
class PlannedClaim:
    """A claim as it will be judged."""

    name: str
    statement: str
    margin: str
    replicates: tuple[int, ...]
    """Of each of its settings, at each look."""
    studies: tuple[Study, ...]
    power: float
    """Of the first look, if the prediction is exact."""
    hardest: Expectation
    """The comparison least certain to pass."""
    module: str = ""
    """Where a claim is that is not ours."""


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run, and nothing that follows from its results."""

    preset: str
    seed: int
    claims: tuple[PlannedClaim, ...]
    levels: tuple[float, ...]
    """Error that each look may spend."""
    target: float
    """Power wanted of each claim at the first look."""
    alpha: float = ALPHA
    tests: str = TESTS
    stopping: str = STOPPING
    seeds: str = SEEDS
    mvtheory: str = field(default_factory=partial(version, "mvtheory"))
    schema: int = SCHEMA
    code: dict[str, str] = field(default_factory=dict)
    """By content, of the modules that decide the numbers: of trainers, of claims, of the tests.
    Empty in a plan of a version that did not say it."""

    def __repr__(self) -> str:
        most = max((n for claim in self.claims for n in claim.replicates), default=0)
        return (
            f"<Plan {self.name[:16]}: preset {self.preset}, seed {self.seed}, {len(self.claims)} "
            f"claims\n {len(self.settings)} settings, at most {most} replicates of each, "
            f"{len(self.levels)} looks, error {self.alpha:g}>"
        )

    @property
    def settings(self) -> tuple[Description, ...]:
        """Each once, in the order of the claims."""
        return tuple(dict.fromkeys(s.setting for claim in self.claims for s in claim.studies))

    def wanted(self, look: int, undecided: Sequence[bool] | None = None) -> dict[Description, int]:
        """Settings that undecided claims need at look 1, 2, ..., and how many replicates of each.

        As many as the claim asks for that needs most; without `undecided` all claims count.
        """
        most: dict[Description, int] = {}
        chosen = undecided or [True] * len(self.claims)
        for claim in (c for c, counts in zip(self.claims, chosen, strict=True) if counts):
            for study in claim.studies:
                before = most.get(study.setting, 0)
                most[study.setting] = max(before, claim.replicates[look - 1])
        return most

    @cached_property
    def predictions(self) -> str:
        """Hash of what it predicts and of what, to six digits, whatever code it names.

        So it is the same on other processors, and for whoever changed nothing but words.
        """
        said = self.plain()
        return sha256(canonical(_rounded([said[part] for part in ("preset", "seed", "claims")])))

    def with_replicates(self, replicates: Sequence[int]) -> "Plan":
        """The same plan with so many replicates of every claim at its looks, for benchmarks too."""
        levels = tuple(level(look, self.alpha) for look in range(1, len(replicates) + 1))
        claims = tuple(replace(claim, replicates=tuple(replicates)) for claim in self.claims)
        return replace(self, levels=levels, claims=claims)

    @cached_property
    def name(self) -> str:
        """Hash of all that it says."""
        return sha256(canonical(self.plain()))

    @property
    def text(self) -> str:
        """As it is registered."""
        return json.dumps(self.plain(), indent=1, sort_keys=True) + "\n"

    def plain(self) -> dict[str, Any]:
        """As plain data, from which `of` makes it again."""
        return {name: getattr(self, name) for name in AS_IT_IS} | {
            "looks": [{"look": look, "level": spent} for look, spent in enumerate(self.levels, 1)],
            "power": {
                "target": self.target,
                "claims": {
                    claim.name: {"power": claim.power, "hardest": claim.hardest.plain()}
                    for claim in self.claims
                },
            },
            **({"code": self.code} if self.code else {}),
            "claims": [
                {
                    "name": claim.name,
                    "statement": claim.statement,
                    "margin": claim.margin,
                    "replicates": list(claim.replicates),
                    "studies": [study.plain() for study in claim.studies],
                    # Of ours nothing is said: a reader has them.
                    **({"module": claim.module} if claim.module else {}),
                }
                for claim in self.claims
            ],
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Plan":
        """The plan that said so; KeyError or TypeError where it lacks what a plan of today says."""
        power = plain["power"]["claims"]
        return cls(
            claims=tuple(_claim(own, **power[own["name"]]) for own in plain["claims"]),
            levels=tuple(look["level"] for look in plain["looks"]),
            target=plain["power"]["target"],
            code=plain.get("code", {}),
            **{name: plain[name] for name in AS_IT_IS},
        )


TESTED_BY = "validation.trial.verdict"
"""The module whose code turns samples into verdicts."""
AS_IT_IS = ("preset", "seed", "alpha", "tests", "stopping", "seeds", "mvtheory", "schema")
"""What a plan's plain data say in its own words."""


def _check_panels(claim: Claim, studies: Sequence[Study]) -> None:
    """ValueError for a name of a panel that nothing is drawn in, where something has another.

    What is of no panel by intention is in the table only, and a preset may leave panels empty.
    """
    expected = {e.panel for study in studies for e in study.expectations}
    empty, undrawn = set(claim.panels) - expected, expected - set(claim.panels)
    if expected and empty and (undrawn or not expected & set(claim.panels)):
        raise ValueError(
            f"claim {claim.name!r} expects numbers of the panels {sorted(undrawn)} and draws "
            f"{sorted(empty)}, of which nothing is expected: give both the same name"
        )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(own) for name, own in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(own) for own in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _claim(plain: dict[str, Any], power: float, hardest: dict[str, Any]) -> PlannedClaim:
    studies = [
        Study(
            Description.of(study["setting"]),
            tuple(Expectation(**e) for e in study["expectations"]),
            tuple(Expectation(**e) for e in study["requirements"]),
        )
        for study in plain["studies"]
    ]
    return PlannedClaim(
        plain["name"], plain["statement"], plain["margin"], tuple(plain["replicates"]),
        tuple(studies), power, Expectation(**hardest), plain.get("module", ""),
    )  # fmt: skip


@one_thread()
def make(claims: Sequence[Claim], preset: str, seed: int) -> Plan:
    """The plan of a run; everything in it follows from theory and settings.

    Raises ValueError if two different settings have one label, or a panel a name of its own.
    """
    settings = {claim.name: claim.settings(preset) for claim in claims}
    studies = {
        claim.name: tuple(
            Study(
                Description.of(setting.describe()),
                tuple(claim.expect(setting)),
                tuple(claim.require(setting)),
            )
            for setting in settings[claim.name]
        )
        for claim in claims
    }
    for claim in claims:
        _check_panels(claim, studies[claim.name])
    chosen = design(
        {
            name: [e for study in own for e in (*study.expectations, *study.requirements)]
            for name, own in studies.items()
        },
        TARGETS[preset],
    )
    planned = tuple(
        PlannedClaim(
            claim.name, claim.statement, claim.margin, chosen.looks[claim.name],
            studies[claim.name], chosen.powers[claim.name], chosen.hardest[claim.name],
            claim.module,
        )
        for claim in claims
    )  # fmt: skip
    levels = tuple(level(look) for look in range(1, LOOKS + 1))
    decides = {setting.trainer for own in settings.values() for setting in own}
    decides |= {TESTED_BY, *(module for claim in claims for module in claim.modules)}
    plan = Plan(
        preset, seed, planned, levels, TARGETS[preset], code={m: code(m) for m in sorted(decides)}
    )
    labels = [setting.label for setting in plan.settings]
    if len(set(labels)) < len(labels):
        raise ValueError(
            f"settings with one label between them: {labels}; progress and report "
            "tell them apart by it, so give each its own"
        )
    # As it will be read back; to 12 digits, so that another processor makes the same plan.
    return Plan.of(json.loads(plan.text, parse_float=lambda text: float(f"{float(text):.12g}")))
