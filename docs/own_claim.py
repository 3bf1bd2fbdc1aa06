"""A claim of one's own: two networks agree on a class as often as chance has it."""

import math

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, require
from validation.experiments.lottery.small import small_lottery
from validation.trial.claim import Claim, Expectation, Measured, Sample, Wrong


def settings(preset: str) -> tuple[LotterySetting, ...]:
    return (small_lottery(preset, "pairs", views=2, networks=10, sizes=(1,)),)


def pairs(setting: LotterySetting) -> int:
    """Independent trials of a replicate: classes, in pairs that share no network."""
    return setting.data.classes * (setting.networks // 2)


def expect(setting: LotterySetting, odds: float | None = None) -> list[Expectation]:
    """The share of agreement, by the theory 1/M; other `odds` make it wrong."""
    p = 1 / setting.data.views if odds is None else odds
    margin = (1 - 1 / setting.data.views) / 5
    spread = math.sqrt(p * (1 - p) / pairs(setting))
    place = "agreement", "two networks", setting.label
    return [Expectation.around(*place, p, margin, spread, pairs(setting))]


def observe(measured: Measured) -> list[Sample]:
    agreed = []
    for _, rows in measured.tables["networks"].groupby("replicate", sort=True):
        won = np.array(rows.sort_values("network")["learned_winner"].tolist())
        agreed.append((won[0::2] == won[1::2]).mean())
    return [Sample.of(agreed, pairs(measured.setting) * measured.replicates)]


AGREEMENT = Claim(
    name="agreement",
    title="Two networks agree on a class as often as chance has it",
    statement="Networks that differ in their initial weights learn the same view with odds 1/M.",
    sources=(Credit("ours, from {}", Source("allenzhu2023", "Theorem 2")),),
    formulas=("single_network",),
    assumptions=("those of the claim single-view",),
    margin="(1 - 1/M)/5: it changes what a second network adds by a fifth.",
    change="Starts that are correlated, or views of unequal strength.",
    does_not_show=(
        "independence of three networks: they may depend on each other though no pair of them does",
    ),
    panels={"agreement": ("setting", "share of classes on which two networks agree")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("all networks agree", lambda setting: expect(setting, 1.0)),),
)
