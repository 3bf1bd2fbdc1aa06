"""What a student that knows one view of each class is taught, and by whom."""

import math
from dataclasses import dataclass

from mvtheory.arguments import CLASSES, POWER, VIEWS


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Data and loss of a student with a large ensemble for a teacher.

    Parameters
    ----------
    classes, views : int
    power : float, > 2
        q of the smoothed ReLU.
    strength : (float, float)
        Range of the coefficients z of the label's views.
    distractors : int, < classes
        D of a sample, of different classes.
    distraction : float, >= 0
        Their mean coefficient gamma.
    level : float, > 0
        Strength a of the views that the networks of the ensemble know.
    weight : float, > 0
        w of the teacher; the labels have weight 1.
    """

    classes: int
    views: int
    power: float
    strength: tuple[float, float]
    distractors: int
    distraction: float
    level: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        for argument in (CLASSES, VIEWS, POWER):
            argument.check(getattr(self, argument.name))
        low, high = self.strength
        for name, right, allowed in (
            ("strength", 0 < low < high < math.inf, "0 < low < high"),
            (
                "distractors",
                0 <= self.distractors < self.classes and self.distractors == int(self.distractors),
                "integer, 0 <= distractors < classes",
            ),
            ("distraction", 0 <= self.distraction < math.inf, "finite and >= 0"),
            ("level", 0 < self.level < math.inf, "finite and > 0"),
            ("weight", 0 < self.weight < math.inf, "finite and > 0"),
        ):
            if not right:
                raise ValueError(f"{name}={getattr(self, name)!r} is not allowed ({allowed}); "
                                 "choose a value in this range")  # fmt: skip
