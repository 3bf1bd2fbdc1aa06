r"""What of a teacher's views reaches a student at a temperature: the growth law of lagging views.

A student that knows one view of each class is taught by the average of a large ensemble, in which
every view of a class is known to a share 1/M of the networks, all at the strength a. The loss
is Hinton's: the cross-entropy of the labels plus w T^2 KL(teacher_T, student_T). A view that the
student does not know grows by dLambda/dt = S Lambda^(q-1) too, with the drive S that the mismatch
of the softened outputs gives it.

Source: the loss is that of Hinton, Vinyals & Dean (2015); the drive is our extension of
Allen-Zhu & Li (2023), Appendix D.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import CLASSES, DEVIATION, NEURONS, POWER, VIEWS, Argument

TEMPERATURE = Argument("temperature", "T", "temperature of the softened outputs", 1e-2, 1e6)
TIME = Argument("growth", "G", "integral of the drive over time", 0, 1e15)
Floats = NDArray[np.float64]
NODES = 8
"""Of Gauss and Legendre, for each coefficient: integrands are smooth on so short a range."""
FAINT, STRONG = 1e-3, 1e4
"""Strengths of known views between which forces cancel; the second over the teacher's."""


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


def dark_drive(lesson: Lesson, temperature: float) -> float:
    r"""Drive S of a view that the student does not know, while it is taught at temperature T.

    Two sorts of samples raise the view's response: those of its own class, on which the teacher's
    output follows the view's coefficient and the student's does not, and the D/M times as many
    that show it as a distractor. The views that the student does know adapt at once: their strength
    s is where the forces on them cancel, and without end where nothing holds them back. As T goes
    to 0 the drive vanishes with what the labels still ask for; as T goes to infinity it tends to a
    limit, the softmaxes being linear.

    Parameters
    ----------
    lesson : Lesson
    temperature : float, > 0

    Returns
    -------
    float
        >= 0, in units of `Setting.drive`: rate 1 moves a view by the mean over its class's samples.

    Examples
    --------
    >>> lesson = Lesson(classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2,
    ...                 distraction=0.9, level=7.0)
    >>> [round(dark_drive(lesson, temperature), 3) for temperature in (1, 2, 4)]
    [0.004, 0.395, 1.979]
    """
    from scipy import optimize

    TEMPERATURE.check(temperature)
    if lesson.views == 1:
        return 0.0
    pull = _Pull(lesson, temperature)
    low, high = FAINT, 4 * lesson.level
    # At low temperatures known views outgrow the teacher's; where rounding leaves no force at
    # all, they are as strong as matters.
    while pull.known(high) > 0 and high < STRONG * lesson.level:
        high *= 2
    if pull.known(low) <= 0:
        own = low
    elif pull.known(high) >= 0:
        own = high
    else:
        own = optimize.brentq(pull.known, low, high)
    return max(0.0, pull.unknown(own))


def surviving_coverage(
    views: int, neurons: int, power: float, deviation: float, growth: float
) -> float:
    r"""Coverage of a student that knew one view of each class before it was taught.

    A view that lost the race is learned if Lambda(0)^-(q-2) < (q-2) `growth`. Each of the M
    initial strengths of a class is the largest of m Gaussian responses.

    Parameters
    ----------
    views, neurons : int, >= 1
    power : float, > 2
    deviation : float, > 0
        Of the student's initial responses.
    growth : float, >= 0
        Integral of `dark_drive` over the time of teaching; under a schedule, over its temperatures.

    Returns
    -------
    float
        In [1/M, 1].

    Examples
    --------
    >>> round(surviving_coverage(2, 10, 4, deviation=0.008, growth=7500), 3)
    0.829
    """
    from scipy import special

    for argument, value in (
        (VIEWS, views), (NEURONS, neurons), (POWER, power), (DEVIATION, deviation), (TIME, growth),
    ):  # fmt: skip
        argument.check(value)
    if views == 1 or growth == 0:
        return 1 / views
    # By logarithms: powers near 2 ask for strengths beyond all doubles.
    needed = -math.log(power - 2) - math.log(growth)
    needed = needed / (power - 2) - math.log(deviation)
    below = float(special.ndtr(math.exp(min(needed, 700.0)))) ** neurons
    # The winner is known whether it passes or not.
    return (views * (1 - below) + below**views) / views


class _Pull:
    """Forces on the views of a class, as functions of the strength s of those that are known."""

    def __init__(self, lesson: Lesson, temperature: float) -> None:
        self.lesson, self.temperature = lesson, temperature
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        low, high = lesson.strength
        z = (low + high) / 2 + (high - low) / 2 * nodes
        self.z, self.other = np.meshgrid(z, z, indexing="ij")
        self.chances = np.outer(weights, weights) / 4
        rest = (lesson.views - 2) * self._response(lesson.level * (low + high) / 2)
        own = self._response(lesson.level * self.z) + self._response(lesson.level * self.other)
        self.teacher_label = (own + rest) / lesson.views
        self.teacher_distractor = self._response(lesson.level * lesson.distraction) / lesson.views

    def _response(self, x: Floats | float) -> Floats:
        clipped = np.clip(x, 0, 1)
        power = self.lesson.power
        return clipped**power / power + np.maximum(np.asarray(x) - clipped, 0)

    def _gate(self, x: Floats | float) -> Floats:
        """Slope of the response."""
        return np.asarray(np.clip(x, 0, 1) ** (self.lesson.power - 1))

    def _probabilities(
        self, label: Floats, distractor: Floats, known: int, temperature: float
    ) -> tuple[Floats, Floats, Floats]:
        """Of the label, of a distractor that is known, and of any other class."""
        # Relative to the largest output, so that nothing overflows.
        top = np.maximum(label, distractor) if known else label
        of_label, of_other = np.exp((label - top) / temperature), np.exp(-top / temperature)
        of_known = np.exp((distractor - top) / temperature) if known else np.zeros_like(top)
        total = of_label + known * of_known + (self.lesson.classes - 1 - known) * of_other
        return of_label / total, of_known / total, of_other / total

    def _slopes(self, own: float, slots: int) -> tuple[Floats, Floats, Floats]:
        """Falls of the loss with the outputs of label, known and unknown distractor.

        Averages over which of the other distractors, `slots`, the student knows; for a distractor
        in question one more stands beside these.
        """
        from scipy import stats

        lesson, temperature = self.lesson, self.temperature
        label, distractor = self._response(own * self.z), self._response(own * lesson.distraction)
        told = self._probabilities(
            self.teacher_label, self.teacher_distractor, lesson.distractors, temperature
        )
        sums = [np.zeros_like(self.z) for _ in range(3)]
        for among in range(slots + 1):
            chance = float(stats.binom.pmf(among, slots, 1 / lesson.views))
            for index, more in enumerate((0, 1, 0)):
                soft, hard = (
                    self._probabilities(label, distractor, among + more, t)
                    for t in (temperature, 1.0)
                )
                mismatch = told[min(index, 1)] - soft[index]
                labels = (1.0 if index == 0 else 0.0) - hard[index]
                sums[index] += chance * (lesson.weight * temperature * mismatch + labels)
        return sums[0], sums[1], sums[2]

    def _mean(self, values: Floats) -> float:
        return float((self.chances * values).sum())

    def known(self, own: float) -> float:
        """Force on a view that the student knows."""
        lesson = self.lesson
        label, _, _ = self._slopes(own, lesson.distractors)
        force = self._mean(self.z * self._gate(own * self.z) * label)
        if lesson.distractors:
            _, known, _ = self._slopes(own, lesson.distractors - 1)
            share = lesson.distractors / lesson.views
            reached = lesson.distraction * self._gate(own * lesson.distraction)
            force += share * self._mean(reached * known)
        return force

    def unknown(self, own: float) -> float:
        """Drive of a view that it does not know."""
        lesson = self.lesson
        label, _, _ = self._slopes(own, lesson.distractors)
        drive = self._mean(self.other**lesson.power * label)
        if lesson.distractors:
            _, _, unknown = self._slopes(own, lesson.distractors - 1)
            share = lesson.distractors / lesson.views
            drive += share * lesson.distraction**lesson.power * self._mean(unknown)
        return drive
