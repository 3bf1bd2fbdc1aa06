"""Whether to distil, with which temperature and weight, and which run would tell more."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mvtheory.arguments import BETA, HARD_WEIGHT, Argument
from mvtheory.arrays import as_array
from mvtheory.distillation.advice import Advice, next_run
from mvtheory.distillation.along_beta import AlongBeta, Moved
from mvtheory.distillation.as_logits import TopK, WithRest, as_teacher, some_rows
from mvtheory.distillation.association import Baselines, baselines
from mvtheory.distillation.diagnostics import above_chance, diagnostics_of
from mvtheory.distillation.hypothesis import Diagnostic
from mvtheory.distillation.interval import CONFIDENCE
from mvtheory.distillation.labels import counted, numbered
from mvtheory.distillation.measures import Measured, check_objective
from mvtheory.distillation.misuse import misuses
from mvtheory.distillation.mixture import LARGEST, Anchor, check_anchors
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    answers_of,
    check_answers,
    check_outputs,
)
from mvtheory.distillation.prediction import Outputs, predict
from mvtheory.distillation.split import trained_and_tested
from mvtheory.rows import LazyRows, Part, stored
from mvtheory.shapes import ArrayLike, Int, Integers

TEMPERATURES = (1.0, 2.0, 4.0, 8.0)
HARD_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)
DIAGNOSED = 20_000
"""Samples on which the hypotheses are measured: their errors are then below a percent."""


def advise(
    labels: ArrayLike,
    student: ArrayLike | LazyRows,
    teacher: ArrayLike | LazyRows | Sequence[ArrayLike | LazyRows],
    *,
    anchors: Sequence[Anchor] = (),
    split: ArrayLike | None = None,
    temperatures: Sequence[float] = TEMPERATURES,
    hard_weights: Sequence[float] = HARD_WEIGHTS,
    betas: Sequence[float] | None = None,
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
    || softmax(z/T)), z their logits, in nats, summed over classes and averaged over samples; or,
    with a beta, of another divergence in place of KL: see `Anchor`. `Convention` translates other
    libraries' arguments. Between two betas that anchors have, accuracies are predicted along beta
    too (`along_beta`); not beyond these, nor students of two temperatures or of the squared error
    of logits.

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
    betas : sequence of float, optional
        Of the divergences, between the least and the largest of the anchors', each once; those of
        the anchors if not given. The advice is that of the best, `Advice.by_beta` has all.
    confidence : float in (0, 1)
    same_start : bool
        Whether the students started from the same initial weights and saw the batches in the same
        order. If not, intervals are wider.
    scaled : bool
        Whether the students were trained by gradient descent (with momentum or without, not Adam)
        on Hinton's loss as printed, a_H CE + (1 - a_H) T^2 KL, undivided: its scale, and with it
        the length of the training, then grows with T. It counts where `split` is given. It is not
        detected: no limit finds students trained so without doubting many others. With a beta the
        divergence is that of `Anchor`; of a jsd not divided by beta (1 - beta), which
        makes the training shorter, it takes no account.
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
    training, tested = trained_and_tested(split, kept, len(y))
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
    along = AlongBeta(outputs=outputs)
    asked = _betas(along, betas)
    found, known = predict(along.base, grid_t, grid_a), _baselines(outputs)
    numbers = np.unique(as_array(labels, "labels")[tested]).astype(np.int64)
    notes = tuple(
        f"{name}: {array.note}"
        for name, array in checked.items()
        if isinstance(array, LazyRows) and array.note
    )

    def advice_at(beta: float) -> Advice:
        moved = along.shifted(found, beta)
        half = moved.half_widths(confidence)
        accuracy = Measured(
            name="accuracy",
            predicted=moved.accuracy,
            low=np.clip(moved.accuracy - half, 0, 1),
            high=np.clip(moved.accuracy + half, 0, 1),
            scale=moved.scale,
            student=found.student,
            teacher=found.teacher,
            sampling_error=np.sqrt(moved.accuracy * (1 - moved.accuracy) / tested.size),
        )
        evidence = Moved(outputs=along.base, temperatures=grid_t, hard_weights=grid_a,
                         mixtures=found.mixtures, numbers=numbers, along=along, found=found,
                         beta=beta)  # fmt: skip
        sought = accuracy if objective == "accuracy" else evidence.measured(objective, confidence)
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
            sampling_error=float(sought.sampling_error[sought.best]),
            baselines=known,
            best=sought.best,
            method=found.method,
            diagnostics=(),
            next_run=next_run(moved, confidence, along.beta if len(along.betas) > 1 else None),
            objective=objective,
            accuracy=accuracy,
            sought=sought,
            evidence=evidence,
            beta=beta,
            notes=notes,
        )

    every = sorted(map(advice_at, asked), key=lambda one: one.sought.cautious.max(), reverse=True)
    if diagnose:
        told = _diagnostics(along, known, every[0].temperature, rest)
        every = [replace(one, diagnostics=told) for one in every]
    return replace(every[0], others=tuple(every[1:]))


def _betas(along: AlongBeta, betas: Sequence[float] | None) -> tuple[float, ...]:
    """The betas asked for, of which anchors tell."""
    if betas is None:
        return along.betas
    low, high = along.betas[0], along.betas[-1]
    found = _grid(BETA, betas)
    for beta in found:
        if not low <= beta <= high:
            raise ValueError(f"betas with {beta:g} is not allowed ({low:g} to {high:g}, those of "
                             "the anchors): students of other divergences are not predicted; "
                             f"train one and give it as Anchor(..., beta={beta:g})")  # fmt: skip
    return found


def _shown(outputs: Outputs) -> Int[Integers, " rows"]:
    """Some of the samples tested with, on which hypotheses are measured."""
    tested = outputs.tested
    return tested[np.unique(np.linspace(0, tested.size - 1, DIAGNOSED).astype(np.int64))]


def _baselines(outputs: Outputs) -> Baselines:
    shown = _shown(outputs)
    answers = answers_of(Part(outputs.student, samples=shown))
    return baselines(outputs.labels[shown], answers, outputs.student.shape[1])


def _diagnostics(
    along: AlongBeta, known: Baselines, temperature: float, rest: bool
) -> tuple[Diagnostic, ...]:
    """The hypotheses, on some of the samples tested with; a rest is no class of them."""
    outputs = along.outputs
    shown = _shown(outputs)
    real = np.arange(outputs.student.shape[1] - rest) if rest else None
    return (
        above_chance("student", known),
        *misuses(outputs),
        *(_trained(outputs) if outputs.method == "balanced" else ()),
        *diagnostics_of(
            outputs.labels[shown],
            Part(outputs.student, real, shown),
            Part(outputs.teacher, real, shown),
            [temperature],
            outputs.labels[outputs.tested],
        ),
    )


def _trained(outputs: Outputs) -> list[Diagnostic]:
    """Whether the students were trained on the split: those of the forward divergence, whose
    residuals `Balance` has."""
    unknown = {f"anchors[{j}] " for j, anchor in enumerate(outputs.anchors) if anchor.beta}
    return [one for one in outputs.balance.diagnose()
            if not any(one.name.startswith(name) for name in unknown)]  # fmt: skip


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
