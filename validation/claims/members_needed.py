"""Claim: the number of networks that the advisor recommends loses little against the best one."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from mvtheory.references import Credit
from validation.experiments.members.rules import (
    best,
    chosen,
    each_like_the_third,
    swapped,
)
from validation.experiments.members.setting import (
    LARGEST,
    MembersSetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "regret"
SHARE = 0.1
"""Of what the best ensemble is worth, less its price, over one network."""
SIZES = np.arange(1, LARGEST + 1)

Choice = Callable[[float, float, float, float], int]
"""A size by the accuracies of one, two and three networks, and the price of one."""
OTHERWISE: dict[str, Choice] = {
    "always one network": lambda one, two, three, price: 1,
    "always five": lambda one, two, three, price: 5,
    "always 16": lambda one, two, three, price: LARGEST,
    "as if each was worth as much as the third": partial(chosen, each_like_the_third),
    "with n and N swapped": partial(chosen, swapped),
}


def foreseen(setting: MembersSetting) -> np.ndarray:
    return np.array([setting.foreseen(float(size)) for size in SIZES])


def lost(accuracies: np.ndarray, size: int, price: float) -> float:
    """Accuracy less price that a size loses to the best of at most 16, in units of the price."""
    worth = accuracies / price - SIZES
    return float(worth.max() - worth[size - 1])


def margin(setting: MembersSetting) -> float:
    """The price of one network, or a tenth of what the best ensemble is worth, in prices."""
    return max(1.0, SHARE * lost(foreseen(setting), 1, setting.price))


def expect(setting: MembersSetting) -> list[Expectation]:
    most = margin(setting)
    place = PANEL, "size advised from three networks", setting.problem
    return [Expectation(*place, 0.0, None, most, most / 3, finite_size=most / 4)]


def regrets(measured: Measured, choice: Choice | None = None) -> np.ndarray:
    """Of every prediction, shape (replicates, threes of members)."""
    made = measured.tables["sizes"].sort_values(["replicate", "size"])
    curves = {n: own["accuracy"].to_numpy() for n, own in made.groupby("replicate")}
    price = measured.setting.price
    advice = measured.tables["predictions"].sort_values(["replicate", "group"])
    columns = (advice[name] for name in ("replicate", "one", "two", "three", "size"))
    found = [
        lost(curves[n], choice(one, two, three, price) if choice else size, price)
        for n, one, two, three, size in zip(*columns, strict=True)
    ]
    return np.array(found).reshape(measured.replicates, -1)


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(regrets(measured).mean(axis=1))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        made, price = study.tables["sizes"], study.setting.price
        curve = made.groupby("size")["accuracy"].mean().to_numpy()
        size = best(curve, price)
        sizes = study.tables["predictions"]["size"]
        lines.append(
            f"{study.setting.label}, a network costs {price:g}: {size} are best on average, worth "
            f"{lost(curve, 1, price):.2f} times the price of one over a single network; advised "
            f"were {sizes.min()} to {sizes.max()}, {sizes.mean():.1f} in the mean. Prices lost: "
            f"by the advice {regrets(study).mean():.2f}, "
            + ", ".join(
                f"{words} {regrets(study, choice).mean():.2f}"
                for words, choice in OTHERWISE.items()
            )
            + "."
        )
    return lines


def otherwise(choice: Choice, e: Expectation, views: int) -> float:
    """Regret of another choice on the accuracies foreseen; wrong rules are tried on quick ones."""
    setting = next(own for own in settings("quick") if own.problem == e.x)
    curve = foreseen(setting)
    one, two, three = curve[:3].tolist()
    return lost(curve, choice(one, two, three, setting.price), setting.price)


MEMBERS_NEEDED = Claim(
    name="members-needed",
    place=(8, 3),
    title="The number of networks advised is nearly the best",
    statement=(
        "The number of networks that `advise_ensemble` recommends from three of them, where each "
        "costs so much accuracy, loses on average at most the price of one network against the "
        "best number, which is known with hindsight only, or a tenth of what the best ensemble is "
        "worth over one network."
    ),
    sources=(Credit("ours"),),
    formulas=(),
    assumptions=(
        "those of ensemble-size",
        "at most 16 networks can be had",
        "a price at which two to six networks are best",
    ),
    margin=(
        "The price of one network, because numbers are whole; or, where ensembles are worth much "
        "more, a tenth of that: whoever follows the advice keeps nine tenths of the best bargain."
    ),
    change=(
        "A lottery of few classes: three networks that happen to know nearly all views promise too "
        "much, and a single advice may lose half of what could be had."
    ),
    does_not_show=(
        "that single advice is near the best: regret is a mean, and a bound on it",
        "prices at which one network, or more than six, are best",
        "costs that grow other than in proportion to networks",
    ),
    panels={PANEL: ("problem", "lost to the best size\n(prices of one network)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=tuple(
        Wrong(words, truth=partial(otherwise, choice)) for words, choice in OTHERWISE.items()
    ),
    remarks=remarks,
)
