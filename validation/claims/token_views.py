"""Claim: on sequences, too, attention networks of competing neurons are a lottery of views."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.shown_alike import Law, lottery
from validation.experiments.tokens.setting import TokenSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong, wrong_by

LOTTERY, SHARED = "power 4", "power 2"


def expect(setting: TokenSetting, law: Law = lottery) -> list[Expectation]:
    views, alone = setting.views, setting.raced()
    series = f"M = {views}"
    if setting.power == 2:
        # Nearer to all of the views than to one of them.
        middle = (1 + 1 / views) / 2
        return [Expectation(SHARED, series, "one", 1.0, middle, None, 0.05, None, alone)]
    return setting.covered(LOTTERY, series, law)


def observe(measured: Measured) -> list[Sample]:
    setting: TokenSetting = measured.setting
    table = measured.tables["ensembles"]
    by_size = table.pivot(index="replicate", columns="size", values="coverage")
    sizes = setting.sizes[:1] if setting.power == 2 else setting.sizes
    return [Sample.of(by_size[size].to_numpy()) for size in sizes]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        found = study.tables["ensembles"].groupby("size")["coverage"].mean()
        attention = study.tables["networks"]["attention"].mean()
        lines.append(
            f"{study.setting.label}: one network {found.iloc[0]:.3f}, by the growth law "
            f"{study.setting.raced():.3f}; ensembles of "
            + ", ".join(f"{size} {value:.3f}" for size, value in found.iloc[1:].items())
            + f"; the words of a class have {attention:.1f} times the attention of fillers."
        )
    return lines


_wrong = wrong_by(expect)
TOKEN_VIEWS = Claim(
    name="token-views",
    place=(3, 22),
    title="Attention networks on sequences learn one word of each class, ensembles more",
    statement=(
        "Where several words of a sequence tell its class, a network of one attention layer whose "
        "neurons compete (power 4) learns one of the M words of each class, and N networks cover "
        "1 - (1 - 1/M)^N of them, as patch networks do on views; at power 2 it learns nearly all."
    ),
    sources=(
        Credit(
            "{} for views in patches; sequences: ours",
            Source("allenzhu2023", "Theorems 1 and 2"),
        ),
    ),
    formulas=("ensemble", "single_network"),
    assumptions=(
        "orthonormal words, one layer of attention with one query, no order",
        "small starts; every training sequence has every word of its class",
    ),
    margin=(
        "Within (1 - 1/M)/(5M) of the law and of its value at the coverage that the growth law "
        "gives one network here, which takes attention to be as at the start. At power 2 nearer to "
        "all views than to one."
    ),
    change=(
        "Words that share directions, sequences that show one word alone, larger starts. Ordinary "
        "attention (keys, values and a linear head on words that are embedded) showed no lottery "
        "in pilots: one network covered .97 to all words."
    ),
    does_not_show=(
        "anything of several layers or heads of attention, positions or words that follow from "
        "each other",
        "that attention takes part: the law takes it to be as at the start, and fixed weights "
        "would look the same",
        "natural language, in which words of a class are neither orthogonal nor always there",
    ),
    panels={
        LOTTERY: ("number of networks N", "coverage C, power 4\n(share of words)"),
        SHARED: ("networks", "coverage C, power 2\n(share of words)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("every network learns every word", lambda m, n: 1.0),
        _wrong("more networks cover no more", lambda m, n: 1 / m),
        _wrong("N + 1 in place of N", lambda m, n: lottery(m, n + 1)),
        _wrong("M and N swapped", lambda m, n: float(1 - (1 - 1 / n) ** m) if n > 1 else 1.0),
        Wrong(
            "one word wins at power 2 too",
            truth=lambda e, views: 0.5 if e.panel == SHARED else e.expected,
        ),
    ),
    remarks=remarks,
)
