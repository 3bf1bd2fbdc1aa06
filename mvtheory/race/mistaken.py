r"""What a student that does not know a distractor answers it by: its own view, or the label's.

A teacher that knows the view of a distractor answers its class j on every sample that shows it. All
of these samples show that view, at gamma, and each of them shows the views of its label, at z. The
neurons of class j respond to both, and at first only by their initial weights, so that either grows
to fit what is told, dx/dt = S x^(q-1): the view of j by all samples that show it, a view of label y
by those of them that have this label, one in K - 1.
"""

from typing import Any

from mvtheory.arguments import CLASSES, GATED_POWER
from mvtheory.formula import Formula
from mvtheory.race.lesson import DISTRACTION
from mvtheory.race.waiting import COEFFICIENT
from mvtheory.references import Source


def _ratio(classes: Any, power: Any, coefficient: Any, distraction: Any) -> Any:
    return (coefficient / distraction) ** power / (classes - 1)


mistaken_drive = Formula(
    name="mistaken_drive",
    summary="Drive of a view of the label over that of a distractor's own, by what a teacher says.",
    symbol="rho",
    quantity="ratio of drives",
    arguments=(CLASSES, GATED_POWER, COEFFICIENT, DISTRACTION.within(low=1e-6)),
    expression=_ratio,
    well_conditioned=True,
    source=Source("allenzhu2023", "Appendix D"),
    status="our extension",
    monotone=("classes", "power", "coefficient", "distraction"),
    notes=(
        "To leading order in small responses, coefficients at their means; for q > 2 times of "
        "escape are to be compared with the ratio multiplied by that of the largest starts to the "
        "power q - 2. Above 1 views of the label escape first. A class then answers all samples "
        "of that label alike, by the mean of what it is told of them. What is left of single "
        "samples is memorised by their noise until the distractor's view is learned, and answers "
        "to noise thereafter. Below 1 students learn the views that they are told of: so with "
        "many classes, or distractors nearly as strong as the label's views."
    ),
)
