"""Is every anchor a student of its setting, of this teacher and of the student's start?

There is no null hypothesis: students stopped early leave much of their residual too. So these
limits were fixed on one half of trained problems, and rates of detection and of false alarms
measured on others (`benchmarks/misuse.py`; docs/misuse.md).
"""

from collections.abc import Iterator

import numpy as np

from mvtheory.distillation.anchor_fit import Fit
from mvtheory.distillation.hypothesis import Diagnostic, doubted
from mvtheory.distillation.mixture import Anchor
from mvtheory.distillation.outputs import Logits, softmax, unmasked
from mvtheory.distillation.prediction import Outputs
from mvtheory.distillation.sample_order import spread
from mvtheory.distillation.weighting import soft_weight
from mvtheory.shapes import Float, Floats, Int, Integers

FITTED, NUMBERS, FEWEST = 400, 2 * 10**5, 20
"""Samples, and logits, on which students are held against their settings, and fewest samples: a
million logits of 50,000 classes."""
DIVIDED = 0.8
"""Power of T above which a scale is that of logits divided by T. At a small T, where a student
stopped early has such a scale too, it must also take away a quarter of the residual."""
SMALL, QUARTER = 2.5, 0.75
UNTRAINED = 0.96
"""Residual, relative to that of constant outputs, of a student that learned nothing."""
TEACHER_SCALE = 1.3
"""Multiple of the teacher's logits that students show it was saved too small."""
EXCHANGED, LEFT = 0.45, 0.15
"""Residual under another setting, relative to that under the setting given, that tells of it if
the latter is not small: where the teacher is sure of the labels all settings are alike."""
BETTER = 0.6
"""By how much that residual must be below the one with another multiple of the teacher's logits."""
SHRUNK = 0.97
"""Scale, on samples trained on, of a student whose logits are too large for the setting given."""
BACK = 0.03
"""Cosine of residual and labels, or teacher, of a student that learned more of them than that."""
START = 0.0, 0.6
"""Correlation of two students of one start beyond what labels and teacher explain: at least the
first plus the second times 1 - w."""


def settings(outputs: Outputs, suspects: set[str]) -> Iterator[Diagnostic]:
    """Whether every anchor of the forward divergence fits the setting it is said to have."""
    if "teacher" in suspects:
        return
    samples = outputs.tested if outputs.training is None else outputs.training
    count = max(FEWEST, min(FITTED, NUMBERS // outputs.student.shape[1]))
    rows = spread(samples, count)
    labels, teacher = outputs.labels[rows], rows_of(outputs.teacher, rows)
    scales = [1.0]
    for j, anchor in enumerate(outputs.anchors):
        if anchor.beta or f"anchors[{j}].logits" in suspects:
            continue
        fit = Fit(labels=labels, teacher=teacher, student=rows_of(anchor.logits, rows))
        taught = fit.teacher_scale(anchor.temperature, anchor.soft_weight)
        found = _setting(f"anchors[{j}]", anchor, fit, taught, outputs.training is not None)
        yield found
        if found.holds:
            scales.append(taught)
    yield doubted(
        "teacher's scale", "the students saw the teacher's logits as they are given",
        max(scales), 1.0, 0.0, max(scales) < TEACHER_SCALE,
        f"distilled students fit {max(scales):.2g} times its logits best",
        "teacher was saved after division by T, or is not the network that taught; give its "
        "logits themselves",
    )  # fmt: skip


def _setting(name: str, anchor: Anchor, fit: Fit, taught: float, trained: bool) -> Diagnostic:
    """The first mistake that an anchor's residual shows, on samples trained on or on others.

    Not what a teacher explains better that taught with `taught` times its logits.
    """
    t, a, w = anchor.temperature, anchor.hard_weight, anchor.soft_weight
    scale, left = fit.scale(t, w), fit.left(t, w)
    said = f"T = {t:g}, a_H = {a:g}"
    fitted = fit.left(t, w, scale)
    if min(left, fitted) >= UNTRAINED:
        return doubted(
            f"{name}.logits", "the student was trained",
            fitted, UNTRAINED, 0.0, False,
            f"they leave {fitted:.2g} of the residual of constant outputs at {said}",
            "the network is untrained or hardly trained, or another than the one that was "
            "distilled; save the trained one",
        )  # fmt: skip
    if t > 1 and scale >= t**DIVIDED and (t > SMALL or fitted <= QUARTER * left):
        return doubted(
            f"{name}.logits", "the logits are those that the network puts out",
            scale, 1.0, 0.0, False, f"at {said} they fit best {scale:.2g} times as large",
            f"they were saved after division by T; multiply them by {t:g}",
        )  # fmt: skip
    others = {"of hard labels alone": 0.0}
    if a > 0:
        others[f"with a_H = {1 - a:g}"] = soft_weight(hard_weight=1 - a, temperature=t)
        others[f"with a_H = {w:.3g}"] = soft_weight(hard_weight=w, temperature=t)
    tried = {words: fit.left(t, float(other)) for words, other in others.items()}
    words = min(tried, key=lambda words: tried[words])
    ratio = tried[words] / left if left > 0 else 1.0
    back = {"labels": fit.towards_labels(t, w), "teacher": fit.towards_teacher(t, w)}
    more = max(back, key=lambda one: back[one])
    other = (ratio <= EXCHANGED and left > LEFT) or (
        trained and (scale < SHRUNK or back[more] > BACK)
    )
    if taught >= TEACHER_SCALE:
        other = other and tried[words] < BETTER * fit.left(t, w, teacher_scale=taught)
    return doubted(
        f"{name}'s setting", "the student was trained with the temperature and weight given",
        ratio, 1.0, 0.0, not other,
        f"residual {left:.2g} of that of constant outputs at {said}, {ratio:.2g} times that as a "
        f"student {words}; best scale {scale:.2g}; cosine with the {more} {back[more]:.2g}",
        "it is a student of another setting; a_H weighs the hard labels, not the soft ones"
        + (f" (is {1 - a:.3g} meant?)" if a > 0 else ""),
    )  # fmt: skip


def starts(outputs: Outputs, suspects: set[str]) -> Iterator[Diagnostic]:
    """Whether anchors resemble the student as students of one start do."""
    rows = spread(outputs.tested, max(FEWEST, min(FITTED, NUMBERS // outputs.student.shape[1])))
    teacher = rows_of(outputs.teacher, rows)
    labels = np.zeros(teacher.shape)
    labels[np.arange(len(labels)), outputs.labels[rows]] = 1
    known = [centred(teacher), centred(softmax(teacher, 1.0)), centred(labels)]
    base, _ = np.linalg.qr(np.stack([part.ravel() for part in known], axis=1))

    def beyond(logits: Logits) -> Float[Floats, " numbers"]:
        flat = centred(rows_of(logits, rows)).ravel()
        flat -= base @ (base.T @ flat)
        return flat / (np.linalg.norm(flat) or 1.0)

    own = beyond(outputs.student)
    for j, anchor in enumerate(outputs.anchors):
        if f"anchors[{j}].logits" in suspects:
            continue
        found = float(own @ beyond(anchor.logits))
        least = START[0] + START[1] * (1 - anchor.soft_weight)
        yield doubted(
            f"same_start of student and anchors[{j}]",
            "students started from the same weights and saw the batches in the same order",
            found, least, 0.0, found >= least,
            f"beyond labels and teacher their logits correlate by {found:.2g}, those of one start "
            f"by {least:.2g} or more",
            "they seem to have started apart: say same_start=False, or train them alike",
        )  # fmt: skip


def rows_of(logits: Logits, samples: Int[Integers, " rows"]) -> Float[Floats, "rows classes"]:
    return np.asarray(unmasked(logits[samples]), dtype=float)


def centred(rows: Float[Floats, "samples classes"]) -> Float[Floats, "samples classes"]:
    """Less their mean over the classes that are not masked, which are 0."""
    live = np.isfinite(rows)
    return np.where(live, rows - rows.mean(axis=1, where=live, keepdims=True), 0.0)
