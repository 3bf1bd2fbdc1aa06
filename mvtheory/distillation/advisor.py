"""Whether to distil, with which temperature and weight, and which run would tell more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from mvtheory.arguments import HARD_WEIGHT, Argument
from mvtheory.arrays import as_array
from mvtheory.distillation.as_logits import TopK, WithRest, as_teacher, some_rows
from mvtheory.distillation.association import Baselines, baselines
from mvtheory.distillation.diagnostics import above_chance, diagnostics_of
from mvtheory.distillation.hypothesis import Diagnostic
from mvtheory.distillation.interval import CONFIDENCE
from mvtheory.distillation.labels import counted, numbered
from mvtheory.distillation.measures import (
    ClassAccuracy,
    Evidence,
    Measured,
    check_objective,
)
from mvtheory.distillation.misuse import misuses
from mvtheory.distillation.mixture import LARGEST, Anchor, check_anchors
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    answers_of,
    check_answers,
    check_outputs,
)
from mvtheory.distillation.prediction import METHODS, Grid, Outputs, Prediction, predict
from mvtheory.distillation.readings import MEASURES
from mvtheory.rows import LazyRows, Part, stored
from mvtheory.shapes import ArrayLike, Int, Integers

TEMPERATURES = (1.0, 2.0, 4.0, 8.0)
HARD_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)
SOFT_ENOUGH = 0.8
"""Least soft weight of a student that is worth training to predict others."""
DIAGNOSED = 20_000
"""Samples on which the hypotheses are measured: their errors are then below a percent."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Advice:
    """What distilling will give; arrays have shape (temperatures, hard weights).

    `low` and `high` bound the accuracy of one student on these samples with probability
    `confidence`; `scale` is that of the error, by Student's law of 4 degrees of freedom. The
    setting recommended, `worth` and `sampling_error`, which other samples of the same kind add, go
    by the `objective`.
    """

    temperatures: tuple[float, ...]
    hard_weights: tuple[float, ...]
    predicted: Grid
    low: Grid
    high: Grid
    scale: Grid
    confidence: float
    student_accuracy: float
    teacher_accuracy: float
    sampling_error: float
    baselines: Baselines
    """The student's accuracy beside those that need no sight of the inputs."""
    best: tuple[int, int]
    """Place of the recommended setting in the arrays."""
    method: str
    diagnostics: tuple[Diagnostic, ...]
    next_run: str
    """The run that would tell more of the accuracy."""
    objective: str
    accuracy: Measured = field(repr=False)
    sought: Measured = field(repr=False)
    """The measure of the objective."""
    evidence: Evidence = field(repr=False)
    notes: tuple[str, ...] = ()
    """What the outputs had lost before they were given, such as probabilities rounded to 0."""

    @cached_property
    def measures(self) -> Mapping[str, Measured]:
        """Every measure by its name, as of `objective`; found when first asked for."""
        known = {"accuracy": self.accuracy, self.objective: self.sought}
        return {
            name: known.get(name) or self.evidence.measured(name, self.confidence)
            for name in MEASURES
        }

    @cached_property
    def class_accuracy(self) -> ClassAccuracy:
        """Of the recommended setting, the student and the teacher, by class."""
        return self.evidence.class_accuracy(self.best)

    @property
    def temperature(self) -> float:
        """Recommended T."""
        return self.temperatures[self.best[0]]

    @property
    def hard_weight(self) -> float:
        """Recommended a_H."""
        return self.hard_weights[self.best[1]]

    @property
    def worth(self) -> str:
        """Whether distilling pays: "yes", "no" or "open"."""
        return self.sought.worth(self.best)

    @property
    def assumptions(self) -> str:
        """How the accuracies were predicted, and what that assumes."""
        return METHODS[self.method]

    @property
    def doubts(self) -> tuple[Diagnostic, ...]:
        """The hypotheses that these outputs do not satisfy."""
        return tuple(found for found in self.diagnostics if not found.holds)

    @property
    def data_doubts(self) -> tuple[Diagnostic, ...]:
        """Of the doubts, those that make the advice itself doubtful; `str` says them first."""
        return tuple(found for found in self.doubts if found.of_data)

    def __str__(self) -> str:
        sought, best = self.sought, self.best
        verdict = {
            "yes": "Distil",
            "no": "Do not distil: no setting is predicted to be better",
            "open": f"Distilling may pay, but the interval holds the student's {sought.name} too",
        }[self.worth]
        doubts = "; ".join(str(found) for found in self.data_doubts)
        first = f"Check the data first: {doubts}. " if doubts else ""
        about = "" if self.objective == "accuracy" else "As to the accuracy: "
        return (
            f"{first}{verdict}. T = {self.temperature:g}, a_H = {self.hard_weight:g}: predicted "
            f"{sought.name} {sought.predicted[best]:.4f}, {100 * self.confidence:g} % interval "
            f"{sought.low[best]:.4f} to {sought.high[best]:.4f}; student "
            f"{sought.student:.4f}, teacher {sought.teacher:.4f}. {about}{self.next_run}"
        )


def advise(
    labels: ArrayLike,
    student: ArrayLike | LazyRows,
    teacher: ArrayLike | LazyRows | Sequence[ArrayLike | LazyRows],
    *,
    anchors: Sequence[Anchor] = (),
    split: ArrayLike | None = None,
    temperatures: Sequence[float] = TEMPERATURES,
    hard_weights: Sequence[float] = HARD_WEIGHTS,
    confidence: float = 0.9,
    same_start: bool = True,
    scaled: bool = False,
    diagnose: bool = True,
    objective: str = "accuracy",
    classes: Sequence[Any] | str | None = None,
    ignore_index: Any = None,
) -> Advice:
    r"""Predict the accuracy of distilled students over a grid, and recommend a setting.

    The student is a mixture of those that were trained (`mvtheory.distillation.mixture`): of the
    one of hard labels and of `anchors`; with samples of the training set it is the balanced
    mixture, which is better. Without anchors, the teacher's own outputs stand in for a student
    that copies it, half of whose gain is predicted, with wide intervals.

    Students are those of the loss a_H CE(labels, softmax(z)) + (1 - a_H) T^2 KL(softmax(teacher/T)
    || softmax(z/T)), z their logits, in nats, summed over classes and averaged over samples.
    `Convention` translates other libraries' arguments.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1; or one-hot rows, shape (N, K), or names (see `classes`).
    student : array, shape (N, K)
        Logits of the student trained on hard labels alone; -inf for masked classes. Log-
        probabilities are logits; probabilities are given as `Probabilities`.
    teacher : array, shape (N, K), or sequence of arrays
        Logits of the teacher, likewise; of several teachers the mean of their logits is the
        teacher (`Mean`). A teacher of whom only the largest k are known is a `TopK`.
    anchors : sequence of Anchor
        Distilled students that were trained already, say of soft labels alone at T = 4, with
        logits on the same samples. The largest of each row lies in [-1e15, 1e15].
    split : array of bool, shape (N,), or of int, optional
        True for, or the indices of, samples on which the students were trained. Accuracies are
        those on the others. Without it all samples must be ones they were not trained on.
    temperatures, hard_weights : sequences of float
        T in [1e-3, 1e6] and a_H in [0, 1] of the grid, each once, in any order.
    confidence : float in (0, 1)
    same_start : bool
        Whether the students started from the same initial weights and saw the batches in the same
        order. If not, intervals are wider.
    scaled : bool
        Whether the students were trained by gradient descent (with momentum or without, not Adam)
        on Hinton's loss as printed, a_H CE + (1 - a_H) T^2 KL, undivided: its scale, and with it
        the length of the training, then grows with T. It counts where `split` is given.
    diagnose : bool
        Whether to measure the hypotheses too. It takes longer than the prediction, which does not
        change; without it `diagnostics` is empty, and no doubt is told.
    objective : str
        By what a setting is recommended: "accuracy", "balanced accuracy" (its mean over classes),
        "log loss" (natural logarithm), "brier" (sum over the classes) or "calibration error" (15
        bins of confidence). All are predicted, with intervals, in `Advice.measures`.
    classes : sequence, or "sorted", optional
        Names of the classes in the order of the outputs' columns, if labels are names; "sorted"
        if the columns are in the sorted order of the labels' names, each of which occurs.
    ignore_index : optional
        The label of samples that are left out, such as -100; of outputs there, nothing is asked.

    Returns
    -------
    Advice

    Raises
    ------
    ValueError
        For arrays that do not match, are not finite, hold labels out of range or probabilities
        where logits are wanted, for labels whose class is masked, and for numbers out of range;
        each says what to do.

    Notes
    -----
    A logit so far below the largest of its row that its probability is 0 at every temperature in
    use is masked. A class that all outputs mask in every row is absent: the advice is that
    without its column. A class masked in some rows only has probability 0 there.

    References
    ----------
    Our extension of [darkknowledge2021]_, equation (12): see `mixture`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> labels = rng.integers(10, size=2000)
    >>> right, noise = 2 * np.eye(10)[labels], rng.normal(size=(2000, 10))
    >>> advice = advise(labels, right + 1.5 * noise, 2 * right + noise,
    ...                 anchors=[Anchor(logits=right + noise, temperature=4)])
    >>> advice.worth, advice.temperature, advice.hard_weight
    ('yes', 4.0, 0.0)
    >>> loss = advice.measures["log loss"]
    >>> loss.worth(loss.best), bool(loss.predicted[loss.best] < loss.student)
    ('yes', True)
    """
    anchors = check_anchors(anchors, at_least=0)
    confidence, objective = CONFIDENCE.number(confidence), check_objective(objective)
    grid_t, grid_a = _grid(TEMPERATURE, temperatures), _grid(HARD_WEIGHT, hard_weights)
    for name, value, what in (
        ("same_start", same_start, "the students started from the same weights"),
        ("scaled", scaled, "gradient descent saw Hinton's loss undivided"),
    ):
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"{name}={value!r} is not allowed (True or False); say whether {what}")
    names = [f"anchors[{j}].logits" for j in range(len(anchors))]
    kept = None if ignore_index is None else counted(labels, ignore_index)
    rest = isinstance(teacher, TopK) and teacher.rest == "class"
    given = {"student": student, "teacher": as_teacher(teacher)}
    given |= {name: anchor.logits for name, anchor in zip(names, anchors, strict=True)}
    if rest:
        given |= {name: WithRest(stored(given[name], name)) for name in ("student", *names)}
    if kept is not None:
        given = {name: some_rows(value, kept, name) for name, value in given.items()}
        labels = as_array(labels)[kept]
    labels = numbered(labels, classes, () if classes is None else np.shape(student))
    warmest = max(1.0, *grid_t, *(anchor.temperature for anchor in anchors))
    y, arrays = check_outputs(labels, given, warmest, LARGEST)
    checked = dict(zip(given, arrays, strict=True))
    parts = names or ["teacher"]
    check_answers(y, {name: checked[name] for name in ("student", *parts)}, {"teacher"})
    training, tested = _split(split, kept, len(y))
    outputs = Outputs(
        labels=y,
        teacher=checked["teacher"],
        student=checked["student"],
        anchors=tuple(a.holding(checked[name]) for name, a in zip(names, anchors, strict=True)),
        training=training,
        tested=tested,
        same_start=bool(same_start),
        scaled=bool(scaled),
    )
    found = predict(outputs, grid_t, grid_a)
    half = found.half_widths(confidence)
    known = _baselines(outputs)
    accuracy = Measured(
        name="accuracy",
        predicted=found.accuracy,
        low=np.clip(found.accuracy - half, 0, 1),
        high=np.clip(found.accuracy + half, 0, 1),
        scale=found.scale,
        student=found.student,
        teacher=found.teacher,
        sampling_error=np.sqrt(found.accuracy * (1 - found.accuracy) / tested.size),
    )
    numbers = np.unique(as_array(labels, "labels")[tested]).astype(np.int64)
    evidence = Evidence(outputs=outputs, temperatures=grid_t, hard_weights=grid_a,
                        mixtures=found.mixtures, numbers=numbers)  # fmt: skip
    sought = accuracy if objective == "accuracy" else evidence.measured(objective, confidence)
    place = sought.best
    return Advice(
        temperatures=grid_t,
        hard_weights=grid_a,
        predicted=accuracy.predicted,
        low=accuracy.low,
        high=accuracy.high,
        scale=accuracy.scale,
        confidence=confidence,
        student_accuracy=accuracy.student,
        teacher_accuracy=accuracy.teacher,
        sampling_error=float(sought.sampling_error[place]),
        baselines=known,
        best=place,
        method=found.method,
        diagnostics=_diagnostics(outputs, known, grid_t[place[0]], rest) if diagnose else (),
        next_run=_next_run(found, confidence),
        objective=objective,
        accuracy=accuracy,
        sought=sought,
        evidence=evidence,
        notes=tuple(
            f"{name}: {array.note}"
            for name, array in checked.items()
            if isinstance(array, LazyRows) and array.note
        ),
    )


def _shown(outputs: Outputs) -> Int[Integers, " rows"]:
    """Some of the samples tested with, on which hypotheses are measured."""
    tested = outputs.tested
    return tested[np.unique(np.linspace(0, tested.size - 1, DIAGNOSED).astype(np.int64))]


def _baselines(outputs: Outputs) -> Baselines:
    shown = _shown(outputs)
    answers = answers_of(Part(outputs.student, samples=shown))
    return baselines(outputs.labels[shown], answers, outputs.student.shape[1])


def _diagnostics(
    outputs: Outputs, known: Baselines, temperature: float, rest: bool
) -> tuple[Diagnostic, ...]:
    """The hypotheses, on some of the samples tested with; a rest is no class of them."""
    shown = _shown(outputs)
    real = np.arange(outputs.student.shape[1] - rest) if rest else None
    return (
        above_chance("student", known),
        *misuses(outputs),
        *(outputs.balance.diagnose() if outputs.method == "balanced" else ()),
        *diagnostics_of(
            outputs.labels[shown],
            Part(outputs.student, real, shown),
            Part(outputs.teacher, real, shown),
            [temperature],
            outputs.labels[outputs.tested],
        ),
    )


def _grid(argument: Argument, values: ArrayLike) -> tuple[float, ...]:
    """The values as floats, in their order."""
    array = np.atleast_1d(argument.check(values))
    if array.ndim > 1:
        raise argument.error(values, "give a flat list of numbers")
    given = array.tolist()
    for value in given:
        if given.count(value) > 1:
            raise argument.error(value, f"it is given {given.count(value)} times: give it once")
    return tuple(given)


def _split(
    split: ArrayLike | None, kept: Int[Integers, " kept"] | None, samples: int
) -> tuple[Int[Integers, " trained"] | None, Int[Integers, " tested"]]:
    """Indices of the samples trained on (None if none were given) and of the others."""
    everything = np.arange(samples)
    if split is None:
        return None, everything
    given = as_array(split, "split")
    if kept is not None:  # of all samples, those that are not ignored
        if given.dtype.kind == "b" and given.ndim == 1 and given.size > kept[-1]:
            given = given[kept]
        elif given.dtype.kind in "iu" and given.ndim == 1:
            given = np.flatnonzero(np.isin(kept, given))
    allowed = f"{samples} booleans, or indices from 0 to {samples - 1}, of training samples"
    if given.dtype.kind == "b" and given.shape == (samples,):
        chosen = given
    elif given.dtype.kind in "iu" and given.ndim == 1 and given.size:
        if given.min() < 0 or given.max() >= samples:
            raise ValueError(f"split holds {given.min()} to {given.max()}, not allowed "
                             f"({allowed}); count the samples from 0")  # fmt: skip
        chosen = np.isin(everything, given)
        if chosen.sum() < given.size:  # as of flags that are no booleans
            raise ValueError(f"split holds {given.size} indices of {int(chosen.sum())} samples, "
                             f"not allowed ({allowed}); give each once, or booleans")  # fmt: skip
    else:
        raise ValueError(f"split of shape {given.shape}, {given.dtype}, is not allowed "
                         f"({allowed}); mark the samples on which the students were trained"
                         )  # fmt: skip
    if chosen.all() or not chosen.any():
        raise ValueError(f"split marks {int(chosen.sum())} of {samples} samples ({allowed}, some "
                         "but not all); accuracies are predicted on the others")  # fmt: skip
    return everything[chosen], everything[~chosen]


def _next_run(found: Prediction, confidence: float) -> str:
    """The run that would narrow the intervals of the settings still in question most."""
    half = found.half_widths(confidence)
    rivals = found.accuracy + half >= (found.accuracy - half).max()
    now = float(half[rivals].mean())
    # Of every temperature the student with a little of hard labels: one with little of the teacher
    # would have to be extrapolated from, and soft labels alone foretell less.
    least = min((a for a in found.hard_weights if a > 0), default=0.0)
    column = found.hard_weights.index(least) if least else 0
    options = {
        (i, column): float(found.with_anchor((i, column), confidence)[rivals].mean())
        for i, w in enumerate(found.weights[:, column])
        if w >= SOFT_ENOUGH and (found.temperatures[i], float(w)) not in found.trained
    }
    place = min(options, key=lambda place: options[place], default=None)
    if place is None or options[place] >= 0.95 * now:
        words = f"No further run would narrow the intervals much (mean half-width {now:.3f})."
    else:
        words = (
            f"Train T = {found.temperatures[place[0]]:g}, a_H = {found.hard_weights[place[1]]:g} "
            "next, from the same initial weights: the mean half-width over the "
            f"{int(rivals.sum())} settings that may be the best would go from {now:.3f} to about "
            f"{options[place]:.3f}."
        )
    if found.method == "linear":
        words += " Outputs on training samples (split) would narrow them too, without a run."
    return words
