r"""What of a teacher's views reaches a student at a temperature: the growth law of lagging views.

A student that knows one view of each class is taught by the average of a large ensemble, in which
every view of a class is known to a share 1/M of the networks, all at the strength a. The loss
is Hinton's: the cross-entropy of the labels plus w T^2 KL(teacher_T, student_T). A view that the
student does not know grows by dLambda/dt = S Lambda^(q-1) too, with the drive S that the mismatch
of the softened outputs gives it, from where its race left it: S times the time of teaching is more
`late_growth` for `expected_coverage` and `expected_coverage_waiting`.

Source: the loss is that of Hinton, Vinyals & Dean (2015); the drive is our extension of
Allen-Zhu & Li (2023), Appendix D.
"""

from mvtheory.arguments import Argument
from mvtheory.race.lesson import Lesson
from mvtheory.race.pull import Pull

LEARNED = Argument("known", "j", "views of each class that the student knows", 1, 1e6, integer=True)
TEMPERATURE = Argument("temperature", "T", "temperature of the softened outputs", 1e-2, 1e6)
FAINT, STRONG = 1e-3, 1e4
"""Strengths of known views between which forces cancel: responses far below the threshold; far
above the teacher's, or where labels have nothing left to ask for."""


def dark_drive(lesson: Lesson, temperature: float, known: int = 1) -> float:
    r"""Drive S of a view that the student does not know, while it is taught at temperature T.

    Two sorts of samples raise the view's response: those of its own class, on which the teacher's
    output follows the view's coefficient and the student's does not, and the D/M times as many
    that show it as a distractor. The views that the student does know adapt at once: their strength
    s is where the forces on them cancel, and without end where nothing holds them back. As T goes
    to 0 the drive vanishes with what the labels still ask for; as T goes to infinity it tends to a
    limit, the softmaxes being linear. Of several views each further one is driven less: the more of
    them a student knows, the less its outputs differ from its teacher's.

    Parameters
    ----------
    lesson : Lesson
    temperature : float, 0.01 <= T <= 1e6
    known : int, >= 1
        How many views of every class the student knows; of all M the drive is 0.

    Returns
    -------
    float
        >= 0, in units of `Setting.drive`: rate 1 moves a view by the mean over its class's samples.
        Relative error below 1e-8, or what rounding leaves of the forces that cancel: 1e-14 of
        (1 + w T) E[z^q].

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D, to the loss of Hinton, Vinyals & Dean
    (2015), section 2. Views of the label beside the two in question enter outputs by their mean
    coefficient.

    Examples
    --------
    >>> lesson = Lesson(classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2,
    ...                 distraction=0.9, level=7.0)
    >>> [round(dark_drive(lesson, temperature), 3) for temperature in (1, 2, 4)]
    [0.004, 0.395, 1.979]
    """
    softened, learned = TEMPERATURE.number(temperature), int(LEARNED.number(known))
    if learned >= lesson.views:
        return 0.0
    pull = Pull(lesson, softened, learned)
    weakest, strongest = lesson.strength
    low = FAINT / max(1.0, strongest)
    high, most = max(4 * lesson.level, 2 * low), STRONG * max(lesson.level, 1 / weakest)
    # At low temperatures known views outgrow the teacher's; where rounding leaves no force at
    # all, they are as strong as matters.
    while pull.known(high) > 0 and high < most:
        high *= 2
    if pull.known(low) <= 0:
        own = low
    elif pull.known(high) >= 0:
        own = high
    else:
        from scipy import optimize

        own = optimize.brentq(pull.known, low, high)
    return max(0.0, pull.unknown(own))
