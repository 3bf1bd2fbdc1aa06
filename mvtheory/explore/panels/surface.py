"""Panel: what a distilled student reaches, over temperature and weight, from outputs."""

from functools import cached_property
from typing import Any

from mvtheory.arguments import HARD_WEIGHT
from mvtheory.distillation.outputs import TEMPERATURE
from mvtheory.distillation.readings import MEASURES
from mvtheory.explore.controls import Choice, Slider
from mvtheory.explore.outputs import Distillation
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.picture import Axis, Cells, Picture, Plot, Series

TEMPERATURES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
HARD_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)
OBJECTIVES = ("accuracy", *(name for name in MEASURES if name != "accuracy"))


class Surface:
    """The predictions of the whole grid, made once; sliders choose among them."""

    def __init__(self, outputs: Distillation):
        self.outputs = outputs

    @cached_property
    def advice(self) -> Any:
        from mvtheory.distillation import advise

        return advise(
            **self.outputs.given, temperatures=TEMPERATURES, hard_weights=HARD_WEIGHTS,
            diagnose=False,
        )  # fmt: skip

    def __call__(self, measure: str, temperature: float, hard_weight: float) -> Picture:
        advice = self.advice
        found = advice.measures[measure]
        row, column = TEMPERATURES.index(temperature), HARD_WEIGHTS.index(hard_weight)
        best = TEMPERATURES[found.best[0]], HARD_WEIGHTS[found.best[1]]
        label = f"predicted {measure}"
        along = Series(
            name=f"student at T = {temperature:g}, {100 * advice.confidence:g} % interval",
            x=HARD_WEIGHTS, y=found.predicted[row], low=found.low[row], high=found.high[row],
        )  # fmt: skip
        return Picture(
            plots=(
                Plot(
                    title=f"Predicted {measure}",
                    x=Axis(label="weight of the hard labels a_H"),
                    y=Axis(label="temperature T"),
                    cells=Cells(
                        name=label, x=HARD_WEIGHTS, y=TEMPERATURES, values=found.predicted,
                        marked={"here": (hard_weight, temperature),
                                "recommended": (best[1], best[0])},
                    ),
                ),
                Plot(
                    title="At this temperature",
                    x=Axis(label="weight of the hard labels a_H"),
                    y=Axis(label=label),
                    series=(along,),
                    marks={f"a_H = {hard_weight:g}": hard_weight},
                    levels={"student of hard labels": found.student, "teacher": found.teacher},
                ),
            ),
            numbers={
                label: float(found.predicted[row, column]),
                "at least": float(found.low[row, column]),
                "at most": float(found.high[row, column]),
                "student of hard labels": found.student,
                "teacher": found.teacher,
                "recommended": f"T = {best[0]:g}, a_H = {best[1]:g}",
                "does distilling pay": found.worth(found.best),
            },
            note=advice.assumptions,
        )  # fmt: skip


def panel(outputs: Distillation) -> Panel:
    # Plain lists, so that the code says all of it.
    grid = f"temperatures = {list(TEMPERATURES)}\nhard_weights = {list(HARD_WEIGHTS)}"
    return Panel(
        name="distillation",
        title="Distillation",
        words=(
            "What students distilled at each temperature and weight of the hard labels will "
            "reach, from outputs of a student, a teacher and students that were distilled already."
        ),
        controls=(
            Choice(name="measure", meaning="what is predicted", options=OBJECTIVES,
                   coarse=("accuracy", "log loss")),
            Slider(argument=TEMPERATURE, values=TEMPERATURES, start=4.0, typed=False,
                   coarse=(1.0, 2.0, 4.0, 8.0)),
            Slider(argument=HARD_WEIGHT, values=HARD_WEIGHTS, start=0.1,
                   coarse=(0.0, 0.1, 0.25, 0.5, 0.9), typed=False),
        ),
        picture=Surface(outputs),
        equations=_equations,
        calls={
            EVERY: f"from mvtheory.distillation import advise\n{outputs.code}\n{grid}\n"
            "advice = advise(**given, temperatures=temperatures, hard_weights=hard_weights)\n"
            'found = advice.measures["{measure}"]\n'
            "found.predicted[temperatures.index({temperature}), hard_weights.index({hard_weight})]"
        },
    )  # fmt: skip


def _equations() -> dict[str, list[Any]]:
    import sympy

    hard, temperature, label, student, teacher = sympy.symbols("a_H T y z t")
    cross, apart, soft = (sympy.Function(name) for name in ("CE", "KL", "softmax"))
    tempered = apart(soft(teacher / temperature), soft(student / temperature))
    loss = hard * cross(label, soft(student)) + (1 - hard) * temperature**2 * tempered
    return {EVERY: [sympy.Eq(sympy.Symbol("L"), loss, evaluate=False)]}
