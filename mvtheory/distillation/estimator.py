"""The estimator of the accuracy of a distilled student, in the three forms in which it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mvtheory.arguments import (
    CHI,
    CLASSES,
    DISTILLATION_WEIGHT,
    GAIN,
    LABEL_PROBABILITY,
    SOFT_ONLY_ACCURACY,
    SOFT_WEIGHT,
    STUDENT_ACCURACY,
)
from mvtheory.distillation.outputs import TEMPERATURE
from mvtheory.formula import Formula
from mvtheory.references import Source

CHANCE = 1e-12
"""Accuracies this near to 1/K are equal to it but for rounding."""


def _above_chance(factor: Callable[..., Any]) -> Callable[..., Any]:
    """1/K + (a_S - 1/K) times the factor, of any kind of number."""
    return lambda classes, student_accuracy, **others: (
        1 / classes + (student_accuracy - 1 / classes) * factor(**others)
    )


def _size(factor: Callable[..., Any]) -> Callable[..., Any]:
    """What the terms of `_above_chance` add up to without their signs."""
    return lambda classes, student_accuracy, **others: (
        1 / classes
        + (student_accuracy + 1 / classes) * factor(**{n: np.abs(v) for n, v in others.items()})
    )


def _stable(expression: Callable[..., Any], size: Callable[..., Any]) -> Callable[..., Any]:
    """The rational expression in floats; in Fractions where it is much below its terms' size."""

    def evaluate(**values: Any) -> Any:
        value, names = np.array(expression(**values)), list(values)
        # Up to 13 roundings of 1.1e-16 of the size: below 1e-14 of a fourth of it.
        cancels = np.broadcast_to(size(**values) > 4 * np.abs(value), value.shape)
        if cancels.any():
            given = [v[cancels] for v in np.broadcast_arrays(*values.values(), value)[:-1]]
            value[cancels] = [
                float(expression(**dict(zip(names, map(Fraction, point), strict=True))))
                for point in zip(*given, strict=True)
            ]
        return value

    return evaluate


def _printed(temperature: Any, distillation_weight: Any, gain: Any, chi: Any) -> Any:
    t, a = temperature, distillation_weight
    return t * (1 + a * gain) * (1 + a * chi) / (t + a) ** 2


def _test(soft_weight: Any, chi: Any) -> Any:
    return 1 - soft_weight + soft_weight * chi


def _dual(soft_weight: Any, gain: Any, chi: Any) -> Any:
    return _test(soft_weight, gain) * _test(soft_weight, chi)


estimate_printed = Formula(
    name="estimate_printed",
    summary="Accuracy of a distilled student by the estimator as the source prints it.",
    symbol="a_D",
    quantity="accuracy, share of samples",
    arguments=(CLASSES, STUDENT_ACCURACY, TEMPERATURE, DISTILLATION_WEIGHT, GAIN, CHI),
    expression=_above_chance(_printed),
    stable=_stable(_above_chance(_printed), _size(_printed)),
    source=Source("darkknowledge2021", "equation (12)"),
    status="heuristic of the paper",
    notes=(
        "Kept to compare with: at alpha = 0, where nothing is distilled, it multiplies the "
        "accuracy above 1/K by 1/T, and predictions exceed 1. `estimate_dual` is consistent, "
        "`estimate_test` estimates the test accuracy. g and chi are our reading."
    ),
)

estimate_dual = Formula(
    name="estimate_dual",
    summary="Accuracy of the dual model of a distilled student, on the dual labels.",
    symbol="a_dual",
    quantity="accuracy on the labels (1-w) Y + w P^_T",
    arguments=(CLASSES, STUDENT_ACCURACY, SOFT_WEIGHT, GAIN, CHI),
    expression=_above_chance(_dual),
    stable=_stable(_above_chance(_dual), _size(_dual)),
    source=Source("darkknowledge2021", "equation (12), with its factors T restored"),
    status="our extension",
    notes=(
        "T^2 [1 + alpha g/T][1 + alpha chi/T]/(T + alpha)^2 times the accuracy above 1/K. Not the "
        "test accuracy: the soft labels of the dual model are not the classes."
    ),
)

estimate_test = Formula(
    name="estimate_test",
    summary="Test accuracy of a distilled student, from the accuracies of its two limits.",
    symbol="a_D",
    quantity="accuracy, share of samples",
    arguments=(CLASSES, STUDENT_ACCURACY, SOFT_WEIGHT, CHI),
    expression=_above_chance(_test),
    stable=_stable(_above_chance(_test), _size(_test)),
    source=Source("darkknowledge2021", "equation (12), divided by 1 - w + w g"),
    status="our extension",
    notes=(
        "(T + alpha chi)/(T + alpha) times the accuracy above 1/K: the straight line in w from the "
        "student of hard labels to that of soft labels alone. With T replaced by c T: give it "
        "`calibrated_soft_weight`."
    ),
)

gain_free = Formula(
    name="gain_free",
    summary="Gain g if the student's errors are free of the teacher's, from the label probability.",
    symbol="g",
    quantity="soft labels at the student's answers over accuracy, both above 1/K",
    arguments=(LABEL_PROBABILITY, CLASSES),
    expression=lambda label_probability, classes: (classes * label_probability - 1) / (classes - 1),
    stable=_stable(
        lambda label_probability, classes: (classes * label_probability - 1) / (classes - 1),
        lambda label_probability, classes: (classes * label_probability + 1) / (classes - 1),
    ),
    source=Source("darkknowledge2021", "equation (12)"),
    status="our extension",
    notes=(
        "p = E[P^_T at the label]; the chance-corrected accuracy of the teacher at temperature T. "
        "Networks err alike: `gain_measured` is 1.4 to 1.9 times as large in our trials."
    ),
)

FORMS: dict[str, tuple[Formula, str]] = {
    "printed": (
        estimate_printed,
        "Equation (12) as printed: the accuracy above 1/K times T [1 + alpha g][1 + alpha chi]/"
        "(T + alpha)^2. It assumes freeness of labels and predictions, and misses factors T: "
        "without distillation (alpha = 0) it is 1/T of the accuracy, and it can exceed 1. Not for "
        "use, but for comparison with the source.",
    ),
    "dual": (
        estimate_dual,
        "The dual model's accuracy: equation (11) at gamma -> 0 with labels and predictions "
        "factorised, (1 - w + w g)(1 - w + w chi) times the accuracy above 1/K. It assumes that "
        "the gain g of hard-label students holds for distilled ones. It is an accuracy on the "
        "dual labels, and fails when read as test accuracy.",
    ),
    "test": (
        estimate_test,
        "The dual form divided by 1 - w + w g, what the dual labels give to right answers, so "
        "that g drops out: 1 - w + w chi times the accuracy above 1/K. It assumes that distilled "
        "students share their gain with hard-label ones and that accuracy is linear in w; chi "
        "costs one student trained on soft labels alone. Known to fail for a uniform teacher "
        "(label smoothing keeps the largest logit, while chi is 0) and for a teacher whose "
        "classes are permuted, at T = 4.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimated accuracy, the form it comes from, and what that assumes."""

    accuracy: float
    form: str
    explanation: str


def estimate(
    *,
    classes: int,
    student_accuracy: float,
    soft_weight: float,
    chi: float,
    form: str = "test",
    gain: float | None = None,
    temperature: float | None = None,
) -> Estimate:
    r"""The accuracy after distillation, (a_D - 1/K)/(a_S - 1/K) = 1 - w + w chi by default.

    Parameters
    ----------
    classes : int
        K in [2, 1e6].
    student_accuracy : float
        a_S in [0, 1], of the student trained on hard labels.
    soft_weight : float
        w = alpha/(T + alpha) in [0, 1]: `soft_weight`, or `calibrated_soft_weight` of it.
    chi : float
        `chi_measured`; negative if a student of soft labels alone is worse than chance.
    form : str
        "test", the test accuracy; "dual", the accuracy of the dual model; "printed", the
        source's.
    gain : float, optional
        g, for the forms "dual" and "printed": `gain_measured` or `gain_free`.
    temperature : float, optional
        T, for the form "printed", which knows alpha = w T/(1-w) and so excludes w = 1.

    Returns
    -------
    Estimate
        With an accuracy outside [0, 1] as it is, which the explanation then says.

    Raises
    ------
    ValueError
        For an unknown form, numbers out of range and arguments that the form lacks.

    References
    ----------
    [darkknowledge2021]_, equation (12); printed: heuristic of the paper, else our extension.

    Examples
    --------
    >>> chi = chi_measured(soft_only_accuracy=0.65, student_accuracy=0.6, classes=10)
    >>> result = estimate(classes=10, student_accuracy=0.6, soft_weight=0.8, chi=chi)
    >>> print(f"{result.form}: {result.accuracy:.6f}")
    test: 0.640000
    """
    if form not in FORMS:
        raise ValueError(f"form={form!r} is not allowed (how the estimator is read: "
                         f"{', '.join(map(repr, FORMS))}); choose one of them")  # fmt: skip
    formula, explanation = FORMS[form]
    w = SOFT_WEIGHT.number(soft_weight)
    values = {"classes": CLASSES.number(classes), "chi": CHI.number(chi),
              "student_accuracy": STUDENT_ACCURACY.number(student_accuracy)}  # fmt: skip
    if form != "test":
        if gain is None:
            raise ValueError(f"gain=None is not allowed for form={form!r} ({GAIN.meaning}: "
                             f"{GAIN.range_text}); measure it with gain_measured")  # fmt: skip
        values["gain"] = GAIN.number(gain)
    if form == "printed":
        if temperature is None:
            raise ValueError(f"temperature=None is not allowed for form='printed' ("
                             f"{TEMPERATURE.meaning}: {TEMPERATURE.range_text}); give the "
                             "temperature of the distillation")  # fmt: skip
        if w == 1:
            raise ValueError("soft_weight=1 is not allowed for form='printed' (soft_weight < 1: "
                             "alpha = w T/(1-w) is finite); use the form 'dual' or 'test'"
                            )  # fmt: skip
        t = TEMPERATURE.number(temperature)
        values |= {"temperature": t, "distillation_weight": w * t / (1 - w)}
    else:
        values["soft_weight"] = w
    value = formula(**values)
    if not 0 <= value <= 1:
        explanation += (f" The estimate {value:.6g} lies outside [0, 1]: no accuracy, here the "
                        "assumptions fail.")  # fmt: skip
    return Estimate(accuracy=value, form=form, explanation=explanation)


def chi_measured(soft_only_accuracy: float, student_accuracy: float, classes: int) -> float:
    """chi = (a_soft - 1/K)/(a_S - 1/K), students of soft labels alone over those of hard labels.

    Parameters
    ----------
    soft_only_accuracy, student_accuracy : float
        Accuracies in [0, 1] of students trained alike, at w = 1 and w = 0.
    classes : int
        K in [2, 1e6].

    Raises
    ------
    ValueError
        Also for a student that is not better than chance, 1/K.

    References
    ----------
    [darkknowledge2021]_, equation (12), whose definition of chi is not public: our reading, for
    which the soft-only student must be trained.

    Examples
    --------
    >>> round(chi_measured(soft_only_accuracy=0.65, student_accuracy=0.6, classes=10), 12)
    1.1
    """
    chance = 1 / CLASSES.number(classes)
    above = STUDENT_ACCURACY.number(student_accuracy) - chance
    if above <= CHANCE:
        raise STUDENT_ACCURACY.within(low=chance).error(
            student_accuracy,
            "chi is a ratio to what it reaches above chance: give one that has learned something",
        )
    return (SOFT_ONLY_ACCURACY.number(soft_only_accuracy) - chance) / above
