"""What a student that knows one view of each class is taught, and by whom."""

import math
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import CLASSES, POWER, VIEWS, Argument
from mvtheory.race.setting import pair
from mvtheory.shapes import Float, Floats

DISTRACTORS = Argument("distractors", "D", "distractors of a sample", 0, 1e6, integer=True)
DISTRACTION = Argument("distraction", "gamma", "mean coefficient of distractors", 0, 1e6)
NUMBERS = (
    CLASSES, VIEWS, POWER, DISTRACTORS, DISTRACTION,
    Argument("level", "a", "strength of the views that the teacher knows", 0, 1e6, low_open=True),
    Argument("weight", "w", "weight of the teacher, that of the labels being 1", 0, 1e6,
             low_open=True),
)  # fmt: skip


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

    Examples
    --------
    >>> from mvtheory.race import best_temperature
    >>> lesson = Lesson(classes=10, views=2, power=3, strength=(1, 2), distractors=2,
    ...                 distraction=0.2, level=2)
    >>> best_temperature(lesson) > 0
    True
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
        for argument in NUMBERS:
            argument.number(getattr(self, argument.name))
        DISTRACTORS.within(high=self.classes - 1).number(self.distractors)
        low, high = pair(self.strength)
        if low == high:
            raise ValueError(
                f"strength={self.strength!r} is not allowed (low < high); for one coefficient "
                "give a narrow range around it"
            )
        object.__setattr__(self, "strength", (low, high))


def chances_of_known(distractors: int, views: float) -> Float[Floats, " counts"]:
    """Chances that 0, 1, ... of so many distractors show a view that a network knows.

    It knows one of the M views of each class: the binomial law of chance 1/M, by logarithms, since
    many distractors would leave the doubles.
    """
    from scipy import special

    known = np.arange(distractors + 1)
    logs = special.xlogy(known, 1 / views) + special.xlog1py(distractors - known, -1 / views)
    ways = special.betaln(distractors - known + 1, known + 1) + math.log1p(distractors)
    return np.asarray(np.exp(logs - ways))
