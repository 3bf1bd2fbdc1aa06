"""Temperatures that change while a student is taught, and the best of them."""

from dataclasses import replace

from mvtheory.arrays import real
from mvtheory.race.lesson import Lesson
from mvtheory.race.transfer import TEMPERATURE, dark_drive
from mvtheory.shapes import ArrayLike

TOLERANCE = 1e-5


def plain_drive(lesson: Lesson, temperature: float, known: int = 1) -> float:
    """`dark_drive` of a loss without the factor T^2: the labels plus w KL(teacher_T, student_T).

    Parameters
    ----------
    lesson : Lesson
    temperature : float, 0.01 <= T <= 1e6
    known : int, >= 1
        As for `dark_drive`.

    Notes
    -----
    The same lesson at the weight w / T^2, so that it falls again at high temperatures, where the
    softened outputs are all alike.

    Ours; for the loss Hinton, Vinyals & Dean (2015), section 2.

    Examples
    --------
    >>> lesson = Lesson(classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2,
    ...                 distraction=0.9, level=7.0, weight=4.0)
    >>> [round(plain_drive(lesson, temperature), 3) for temperature in (1, 2, 4, 8)]
    [0.017, 0.395, 0.512, 0.201]
    """
    softened = TEMPERATURE.number(temperature)
    return dark_drive(replace(lesson, weight=lesson.weight / softened**2), softened, known)


def course_growth(lesson: Lesson, temperatures: ArrayLike, step: float, known: int = 1) -> float:
    """Growth of an unknown view while T follows a course: the sum of `plain_drive` over its steps.

    Parameters
    ----------
    lesson : Lesson
    temperatures : array, shape (steps,)
        T at each step.
    step : float, > 0
        How long gradient flow would have run in a step.
    known : int, >= 1
        As for `dark_drive`.

    Raises
    ------
    ValueError
        For temperatures out of range, or none.

    Notes
    -----
    Only this integral counts, not the order: of all courses the best is `best_temperature`, held.

    Ours; for the loss Hinton, Vinyals & Dean (2015), section 2.

    Examples
    --------
    >>> lesson = Lesson(classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2,
    ...                 distraction=0.9, level=7.0, weight=4.0)
    >>> round(course_growth(lesson, [1, 2, 4, 8], step=5.0), 2)
    5.63
    """
    course = real(temperatures, "temperatures")
    if course.ndim != 1 or not course.size:
        raise ValueError(
            f"temperatures={course.tolist()} is not allowed (shape (steps,), one at least); give "
            "T for every step"
        )
    kinds, counts = _counted(course.tolist())
    drives = [plain_drive(lesson, temperature, known) for temperature in kinds]
    return step * sum(drive * count for drive, count in zip(drives, counts, strict=True))


def _counted(course: list[float]) -> tuple[list[float], list[int]]:
    counts: dict[float, int] = {}
    for temperature in course:
        counts[temperature] = counts.get(temperature, 0) + 1
    return list(counts), list(counts.values())


def best_temperature(lesson: Lesson, low: float = 1.0, high: float = 100.0) -> float:
    """Temperature of the largest `plain_drive`, and so the best course: this one, held.

    Parameters
    ----------
    lesson : Lesson
    low, high : float
        Between which it is sought, 0.01 <= low < high <= 1e6.

    Returns
    -------
    float
        To a relative 1e-5, or an end of the range where the drive still rises towards it.

    Raises
    ------
    ValueError
        If the ends are not in order.

    Notes
    -----
    Our extension. With the factor T^2 of Hinton, Vinyals & Dean (2015) the drive rises to a plateau
    instead, and every high temperature is as good.

    Examples
    --------
    >>> lesson = Lesson(classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2,
    ...                 distraction=0.9, level=7.0, weight=4.0)
    >>> round(best_temperature(lesson), 2)
    3.02
    """
    import math

    from scipy import optimize

    first, last = TEMPERATURE.number(low), TEMPERATURE.number(high)
    if first >= last:
        raise ValueError(f"low={low} is not allowed (low < high = {high}); give them in order")
    # A grid first: at low temperatures the drive is flat, where only the labels ask for anything.
    count = 2 + math.ceil(2 * math.log2(last / first))
    grid = [first * (last / first) ** (i / (count - 1)) for i in range(count)]
    drives = [plain_drive(lesson, temperature) for temperature in grid]
    top = max(range(count), key=drives.__getitem__)
    left, right = grid[max(top - 1, 0)], grid[min(top + 1, count - 1)]
    found = optimize.minimize_scalar(
        lambda log: -plain_drive(lesson, math.exp(log)),
        bounds=(math.log(left), math.log(right)), method="bounded",
        options={"xatol": TOLERANCE},
    )  # fmt: skip
    inside = -found.fun > drives[top]
    return math.exp(found.x) if inside else grid[top]
