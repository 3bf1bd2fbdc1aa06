"""Panel: how many networks, from the outputs of two or three."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mvtheory.arguments import CONFIDENCE, NETWORKS, Argument
from mvtheory.ensembles import brier_of_ensemble
from mvtheory.explore.controls import Choice, Slider
from mvtheory.explore.equations import of_formula
from mvtheory.explore.outputs import Members
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.picture import Axis, Picture, Plot, Series

SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
SCORES = {"accuracy": "accuracy", "brier": "Brier score, 0 to 2", "log_loss": "log loss, nats"}
SURE = replace(CONFIDENCE, meaning="probability of the interval")
WITHIN = Argument("within", "d", "accuracy that may lack to the limit", 0, 1)


class Sizes:
    """The curves of each kind of members, estimated once; sliders read them off."""

    def __init__(self, outputs: Members):
        self.outputs = outputs
        # Of this object: another has other outputs.
        self._advice = cache(self._estimated)

    def _estimated(self, members: str) -> Any:
        from mvtheory.ensembles import advise_ensemble

        return advise_ensemble(**self.outputs.given[members])

    def __call__(
        self, members: str, score: str, networks: int, confidence: float, within: float
    ) -> Picture:
        advice = replace(self._advice(members), confidence=confidence)
        found = advice.at([*SIZES, networks, np.inf])
        (low, high), middle = found.intervals[score], getattr(found, score)
        count = len(SIZES)
        seen = getattr(advice.subsets, score)
        size = advice.smallest(within)
        return Picture(
            plots=(
                Plot(
                    title="Ensembles of N networks",
                    x=Axis(label="networks N in the ensemble", log=True),
                    y=Axis(label=SCORES[score]),
                    series=(
                        Series(name=f"predicted, {100 * confidence:g} % interval", x=SIZES,
                               y=middle[:count], low=low[:count], high=high[:count]),
                        Series(name="subsets of the members", x=np.arange(1, seen.size + 1), y=seen,
                               style="points"),
                    ),
                    marks={f"N = {networks}": float(networks)},
                    levels={"infinitely many": float(middle[-1])},
                ),
            ),
            numbers={
                f"{score} of {networks} networks".replace("_", " "): float(middle[count]),
                "at least": float(low[count]),
                "at most": float(high[count]),
                "of infinitely many": float(middle[-1]),
                "networks that suffice for the accuracy": (
                    "more than 256" if size is None else float(size)
                ),
                "kind of the members": advice.kind.name,
                "is a student worth asking about": advice.worth_distilling,
            },
        )  # fmt: skip


def panel(outputs: Members) -> Panel:
    kinds = tuple(outputs.given)
    return Panel(
        name="size",
        title="Ensemble size",
        words="What ensembles of any size reach, from the outputs of two or three networks.",
        controls=(
            Choice(name="members", meaning="whose outputs", options=kinds),
            Choice(name="score", meaning="what is predicted", options=tuple(SCORES)),
            Slider(argument=NETWORKS, values=SIZES, start=8, coarse=(1, 2, 4, 8, 16, 64)),
            Slider(argument=SURE, values=(0.5, 0.68, 0.8, 0.9, 0.95, 0.99), start=0.9,
                   coarse=(0.5, 0.9)),
            Slider(argument=WITHIN, values=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
                   start=0.002, coarse=(0.002, 0.01)),
        ),
        picture=Sizes(outputs),
        equations=lambda: {EVERY: [of_formula(brier_of_ensemble)]},
        calls={
            kind: f"from mvtheory.ensembles import advise_ensemble\n{outputs.codes[kind]}\n"
            "advice = advise_ensemble(**given, sizes=[{networks}], confidence={confidence})\n"
            "advice.intervals[\"{score}\"], advice.smallest({within})\n"
            "advice.{score}[0]"
            for kind in kinds
        },
    )  # fmt: skip
