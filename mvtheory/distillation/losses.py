r"""The distillation losses in use, in one form, with their gradients and dual models.

With p = softmax(student/T), q = softmax(teacher/T), Y the one-hot labels and natural logarithms,

    loss = scale [a_H CE(Y, softmax(student)) + (1 - a_H) c D],

c = T^2 (or 1), D one of the divergences

    forward   KL(q || p), Hinton's;
    reverse   KL(p || q);
    jsd       beta KL(q || m) + (1 - beta) KL(p || m), m = beta q + (1 - beta) p;
    mse       sum over the classes of (student/T - teacher/T)^2,

summed over classes and averaged over samples ("batchmean"), D moreover divided by K ("mean", as
PyTorch's reduction of that name does), or summed over both ("sum"). With the forward divergence,
c = T^2 and "batchmean" it is the loss of `advise` and `Anchor`; that of an anchor with beta has
jsd/(beta (1 - beta)) in its place.

The dual model (Lemma 2). Every gradient in the student's logits has the form
weight (outputs - labels), with the student's own answers as outputs:

    forward   labels q                              fixed: the plain training on other labels;
    reverse   labels p (1 - x + KL(p || q)), x = log(p/q);
    jsd       labels p (1 - (g - KL(p || m))/beta), g = log(p/m), with weight beta (1 - beta);
    mse       outputs student/T, labels teacher/T: a regression, fixed labels.

So Lemma 2 with labels that stand still holds for forward and mse alone: the others' labels move
with the student, their rows have sum 1, but entries may be negative. Where p is near q they are q
up to second order, so that there all three divergences train alike, jsd with its weight
beta (1 - beta), at most 1/4. Exactly, the reverse gradient is Cov(p) (student/T - teacher/T),
Cov(p) = diag(p) - p p^T: a regression on logits in the metric of Fisher's information, which
vanishes on classes that the student has given up; jsd is the same towards log m in place of
teacher/T, weighted by 1 - beta.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.arguments import HARD_WEIGHT, MIXING, Argument
from mvtheory.distillation.divergence import (
    Rows,
    apart,
    cross_entropy,
    divergence,
    jensen_shannon,
    log_mixture,
    log_ratio,
)
from mvtheory.distillation.labels import check_labels
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    blocks,
    check_answers,
    check_logits,
    softmax,
)
from mvtheory.shapes import ArrayLike, Float, Floats

DIVERGENCES = ("forward", "reverse", "jsd", "mse")
REDUCTIONS = ("batchmean", "mean", "sum")
SCALE = Argument("scale", "s", "factor of the whole loss", 0, 1e30, low_open=True)
WEIGHTS = tuple(Argument(name, name[0], f"weight of the {name} part of the loss", 0, 1e29)
                for name in ("hard", "soft"))  # fmt: skip
TEACHER_TEMPERATURE = Argument("teacher_temperature", "T_t", "temperature of the teacher's softmax",
                               TEMPERATURE.low, TEMPERATURE.high)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dual:
    """The plain training of which a loss is one: gradient = weight (outputs - labels).

    Parameters
    ----------
    weight : float
        Of the whole, the factor by which the loss and with it the learning rate is larger.
    soft_weight : float
        w, the share of the divergence in it.
    outputs, labels : array, shape (N, K)
        (1-w) softmax(student) + w softmax(student/T), and what the loss asks of them; of mse
        student/T and teacher/T in place of softmaxes.
    fixed : bool
        Whether the labels do not depend on the student.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5]], [[2.0, 1.0, -1.0]]
    >>> dual = Loss(temperature=2.5, hard_weight=0.1).dual([0], student, teacher)
    >>> round(dual.soft_weight, 6), dual.fixed
    (0.957447, True)
    """

    weight: float
    soft_weight: float
    outputs: Float[Floats, "samples classes"]
    labels: Float[Floats, "samples classes"]
    fixed: bool


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A distillation loss, as in the module.

    Parameters
    ----------
    temperature : float
        T in [1e-3, 1e6]: of both sides, or of the student's where the teacher's is given.
    hard_weight : float
        a_H in [0, 1], on the cross-entropy with the labels, whose temperature is 1.
    divergence : str
        "forward", "reverse", "jsd" or "mse".
    beta : float, optional
        In [1e-12, 1), the teacher's share of the mixture of jsd, and for no other. At both its ends
        jsd is 0: jsd/beta goes to forward for beta -> 0, jsd/(1 - beta) to reverse for beta -> 1.
    squared : bool
        Whether the divergence is multiplied by the square of `temperature`.
    teacher_temperature : float, optional
        T of the teacher's side; `temperature` if it is not given.
    reduction : str
        "batchmean", "mean" or "sum".
    scale : float
        Factor > 0 of the whole; it acts as one of the learning rate.

    Raises
    ------
    ValueError
        For numbers and names out of range.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5], [1.0, 1.5, -1.0]], [[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]]
    >>> hinton = Loss(temperature=2.5, hard_weight=0.1)
    >>> print(f"{hinton.value([0, 1], student, teacher):.12f}")
    0.572200023261
    >>> hinton.gradient([0, 1], student, teacher).round(4)
    array([[-0.2866, -0.1404,  0.4271],
           [ 0.4913, -0.2971, -0.1941]])
    >>> jsd = Loss(temperature=1, divergence="jsd", beta=0.1, squared=False)
    >>> print(f"{jsd.value(None, student, teacher):.12f}")
    0.025397850191
    """

    temperature: float
    hard_weight: float = 0.0
    divergence: str = "forward"
    beta: float | None = None
    squared: bool = True
    teacher_temperature: float | None = None
    reduction: str = "batchmean"
    scale: float = 1.0

    def __post_init__(self) -> None:
        for name, allowed in (("divergence", DIVERGENCES), ("reduction", REDUCTIONS)):
            given = getattr(self, name)
            if given not in allowed:
                raise ValueError(f"{name}={given!r} is not allowed ({', '.join(allowed)}); choose "
                                 "one of them")  # fmt: skip
        if (self.beta is not None) != (self.divergence == "jsd"):
            raise ValueError(f"beta={self.beta} is not allowed with divergence={self.divergence!r} "
                             "(jsd needs a number between 0 and 1, the others have none); give "
                             "divergence='jsd' together with beta=0.5, say")  # fmt: skip
        own = self.temperature if self.teacher_temperature is None else self.teacher_temperature
        for argument, given in (
            (TEMPERATURE, self.temperature),
            (TEACHER_TEMPERATURE, own),
            (HARD_WEIGHT, self.hard_weight),
            (SCALE, self.scale),
            *(((MIXING, self.beta),) if self.beta is not None else ()),
        ):
            object.__setattr__(self, argument.name, float(argument.number(given)))

    @classmethod
    def weighing(cls, hard: float, soft: float, **setting: Any) -> "Loss":
        """The loss hard CE + soft c D, for weights >= 0 that need not have the sum 1.

        >>> Loss.weighing(1, 0.25, temperature=4)
        Loss(temperature=4.0, hard_weight=0.8, divergence='forward', beta=None, squared=True, \
teacher_temperature=4.0, reduction='batchmean', scale=1.25)
        """
        hard, soft = (a.number(v) for a, v in zip(WEIGHTS, (hard, soft), strict=True))
        if not hard + soft:
            raise ValueError("hard=0, soft=0 is not allowed (one of them above 0): a loss that is "
                             "0 teaches nothing; give soft=1")  # fmt: skip
        return cls(hard_weight=hard / (hard + soft), scale=hard + soft, **setting)

    @property
    def hard_factor(self) -> float:
        """What multiplies the cross-entropy with the labels."""
        return self.scale * self.hard_weight

    @property
    def soft_factor(self) -> float:
        """What multiplies the divergence D, T^2 included where the loss has it."""
        return self.scale * (1 - self.hard_weight) * (self.temperature**2 if self.squared else 1.0)

    @property
    def setting(self) -> dict[str, float]:
        """Temperature, hard weight and beta of the same loss up to its scale, for an `Anchor`.

        Raises ValueError for a loss that is none of the advisor's, whatever its scale.

        >>> Loss(temperature=4, hard_weight=0.1, squared=False).setting
        {'temperature': 4.0, 'hard_weight': 0.64, 'beta': 0.0}
        >>> Loss(temperature=2, hard_weight=0.2, divergence="jsd", beta=0.5).setting
        {'temperature': 2.0, 'hard_weight': 0.5, 'beta': 0.5}
        """
        if (
            self.divergence == "mse"
            or self.temperature != self.teacher_temperature
            or self.reduction == "mean"
        ):
            raise ValueError(
                f"divergence={self.divergence!r}, temperature={self.temperature:g}, "
                f"teacher_temperature={self.teacher_temperature:g}, reduction={self.reduction!r} "
                "is no loss of the advisor's (forward, reverse or jsd at one temperature, summed "
                "over classes), which predicts no students of others; train one with one "
                "temperature, divergence='forward' and reduction='batchmean' as an anchor"
            )
        beta = {"forward": 0.0, "reverse": 1.0}.get(self.divergence, self.beta or 0.0)
        soft = self.soft_factor / self.temperature**2
        if self.divergence == "jsd":
            soft *= beta * (1 - beta)
        hard = self.hard_factor / (self.hard_factor + soft)
        return {"temperature": self.temperature, "hard_weight": hard, "beta": beta}

    def value(self, labels: ArrayLike | None, student: ArrayLike, teacher: ArrayLike) -> float:
        """The loss, in nats.

        Relative error below 1e-12, for losses above 1e-290, with one temperature for both sides;
        with two of them it is the loss of teacher logits that are rounded in the last place.

        Parameters
        ----------
        labels : array of int, shape (N,), or None
            Classes from 0 to K-1; None if hard_weight is 0.
        student, teacher : array, shape (N, K)
            Logits: numpy arrays, memory maps or torch tensors; -inf for masked classes.

        Raises
        ------
        ValueError
            For arrays that do not match or hold no logits, and for classes masked on one side
            only whose loss is infinite: by the student for forward, by the teacher for reverse,
            by either for mse.
        """
        y, own, other = self._checked(labels, student, teacher)
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for rows in blocks(*own.shape):
                given = np.asarray(own[rows], dtype=float)
                if y is not None:
                    total += self.hard_factor * float(cross_entropy(given, y[rows]).sum())
                if self.soft_factor:
                    parts = self._divergences(given, self._warmed(other[rows]), rows.start)
                    total += self._soft(own.shape[1]) * float(parts.sum())
        if not np.isfinite(total):
            raise ValueError("student, teacher hold logits too large for this temperature (gaps up "
                             "to 1e300 times it, 1e150 for mse); mend the network that has diverged"
                             )  # fmt: skip
        return total if self.reduction == "sum" else total / len(own)

    def gradient(
        self, labels: ArrayLike | None, student: ArrayLike, teacher: ArrayLike
    ) -> Float[Floats, "samples classes"]:
        """Gradient of each sample's own loss in its logits, shape (N, K); arguments as in `value`.

        That of "sum"; of the other reductions it is N times the gradient of the value.
        """
        found = self.dual(labels, student, teacher)
        return found.weight * (found.outputs - found.labels)

    def dual(self, labels: ArrayLike | None, student: ArrayLike, teacher: ArrayLike) -> Dual:
        """What plays the part of the dual outputs and labels; arguments as in `value`.

        >>> student, teacher = [[1.0, 1.5, -1.0]], [[0.0, 3.0, 1.0]]
        >>> dual = Loss(temperature=2.5, divergence="reverse").dual(None, student, teacher)
        >>> dual.labels.round(4), dual.fixed
        (array([[0.1276, 0.6132, 0.2592]]), False)
        """
        y, own, other = self._checked(labels, student, teacher)
        # The derivative of student/T, and of jsd and mse what their labels are written without.
        curvature = {"jsd": (self.beta or 0) * (1 - (self.beta or 0)), "mse": 2.0}
        soft = self._soft(own.shape[1]) / self.temperature * curvature.get(self.divergence, 1.0)
        weight = self.hard_factor + soft
        w = soft / weight
        outputs, asked = np.zeros(own.shape), np.zeros(own.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            for rows in blocks(*own.shape) if w else ():
                given = np.asarray(own[rows], dtype=float)
                answers, targets = self._targets(given, self._warmed(other[rows]), rows.start)
                outputs[rows], asked[rows] = w * answers, w * targets
        if y is not None:
            for rows in blocks(*own.shape):
                outputs[rows] += (1 - w) * softmax(own[rows], 1.0)
            asked[np.arange(len(y)), y] += 1 - w
        fixed = not w or self.divergence in ("forward", "mse")
        return Dual(weight=weight, soft_weight=w, outputs=outputs, labels=asked, fixed=fixed)

    def _soft(self, classes: int) -> float:
        return self.soft_factor / (classes if self.reduction == "mean" else 1)

    def _warmed(self, teacher: Any) -> Rows:
        """The teacher's rows, so that the student's temperature gives what its own does."""
        rows = np.asarray(teacher, dtype=float)
        ratio = self.temperature / (self.teacher_temperature or self.temperature)
        return rows if ratio == 1 else rows * ratio

    def _checked(self, labels: ArrayLike | None, student: ArrayLike, teacher: ArrayLike) -> Any:
        """Labels (None if they have no weight), student and teacher that belong together."""
        own = check_logits("student", student)
        other = check_logits("teacher", teacher, like=own.shape)
        if labels is None:
            if self.hard_weight:
                raise ValueError(f"labels=None is not allowed with hard_weight={self.hard_weight:g}"
                                 " (it may be left out at 0); give the classes, shape (N,)"
                                 )  # fmt: skip
            return None, own, other
        y = check_labels(labels, own.shape[1], len(own))
        if not self.hard_weight:
            return None, own, other
        check_answers(y, {"student": own})
        return y, own, other

    def _divergences(self, own: Rows, other: Rows, first: int) -> Float[Floats, " samples"]:
        """D of each row."""
        t = self.temperature
        if self.divergence == "forward":
            return divergence(other, own, t, first)
        if self.divergence == "reverse":
            return divergence(own, other, t, first, ("student", "teacher"))
        if self.divergence == "jsd":
            return jensen_shannon(*log_ratio(other, own, t), self.beta or 0)
        found: Floats = ((apart(own, other, first) / t) ** 2).sum(axis=1)
        return found

    def _targets(self, own: Rows, other: Rows, first: int) -> tuple[Rows, Rows]:
        """Outputs and labels of the divergence alone."""
        t = self.temperature
        if self.divergence == "mse":
            apart(own, other, first)
            hidden = np.isneginf(own)
            return np.where(hidden, 0.0, own / t), np.where(hidden, 0.0, other / t)
        if self.divergence == "forward":
            divergence(other, own, t, first)  # raises where it is infinite
            return softmax(own, t), softmax(other, t)
        if self.divergence == "reverse":
            divergence(own, other, t, first, ("student", "teacher"))
        _, p, x = log_ratio(other, own, t)
        beta = self.beta
        g = x if beta is None else -log_mixture(1 - beta, beta, -x) / beta
        g = np.where(p > 0, g, 0.0)
        return p, p * (1 - g + (p * g).sum(axis=1, keepdims=True))
