r"""How well a student fits the dual labels of the setting that it is said to be trained with.

A trained student leaves little of the residual G = dual outputs - dual labels
(`mvtheory.distillation.dual`), and neither larger nor smaller logits would lower its loss much:
<f, G(s f)> = 0 at a scale s near 1. Logits that were divided by T have s = T. Nor would it lower
its loss to go back on what it learned from labels and teacher: the products of G with them are not
above 0, unless the weights were others. Likewise the teacher's logits fit best at about the scale
that the student saw.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mvtheory.distillation.labels import Labels
from mvtheory.distillation.outputs import softened, softmax
from mvtheory.shapes import Float, Floats

SCALES = -4.0, 6.0
"""Exponents of 2 between which scales are looked for."""
STEPS = 9
"""Bisections of that range: to 0.02 octaves."""
TEACHER_SCALES = 2.0 ** np.arange(-2, 5.1, 0.25)
Rows = Float[Floats, "samples classes"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Labels, the teacher's and one student's logits (-inf if masked) on the same samples.

    Examples
    --------
    A student that has the teacher's logits, saved after division by T = 4:

    >>> teacher = np.array([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]])
    >>> fit = Fit(labels=np.array([0, 1]), teacher=teacher, student=teacher / 4)
    >>> print(f"{fit.scale(4.0, 1.0):.1f} {fit.teacher_scale(4.0, 1.0)}")
    4.0 0.25
    """

    labels: Labels
    teacher: Rows
    student: Rows

    def left(
        self, temperature: float, weight: float, scale: float = 1.0, teacher_scale: float = 1.0
    ) -> float:
        """|G| at (T, w) of multiples of the logits, relative to that of constant outputs, 1/K."""
        wanted = self._wanted(temperature, weight, teacher_scale)
        constant = 1 / wanted.shape[1] - wanted
        gap = self._outputs(temperature, weight, scale) - wanted
        size = float(np.linalg.norm(constant))
        return float(np.linalg.norm(gap)) / size if size > 0 else 0.0

    def scale(self, temperature: float, weight: float) -> float:
        """s with <f, G(s f)> = 0, which grows with s; within 2^-4 to 2^6."""
        wanted = self._wanted(temperature, weight)
        low, high = SCALES
        for _ in range(STEPS):
            middle = (low + high) / 2
            gap = self._outputs(temperature, weight, 2.0**middle) - wanted
            low, high = (low, middle) if np.vdot(self._finite, gap) > 0 else (middle, high)
        return float(2.0 ** ((low + high) / 2))

    def teacher_scale(self, temperature: float, weight: float) -> float:
        """The multiple of the teacher's logits of the least |G|, to a quarter of an octave."""
        outputs = self._outputs(temperature, weight, 1.0)
        left = [
            float(np.linalg.norm(outputs - self._wanted(temperature, weight, c)))
            for c in TEACHER_SCALES
        ]
        return float(TEACHER_SCALES[int(np.argmin(left))])

    def towards_labels(self, temperature: float, weight: float) -> float:
        """Cosine of G and the one-hot labels; below 0 while the labels would be learned on."""
        labels = np.zeros(self.student.shape)
        labels[np.arange(len(labels)), self.labels] = 1
        return self._cosine(labels, temperature, weight)

    def towards_teacher(self, temperature: float, weight: float) -> float:
        """Cosine of G and the teacher's logits, 0 where masked."""
        rows = self.teacher - self.teacher.max(axis=1, keepdims=True)
        return self._cosine(np.where(np.isneginf(rows), 0.0, rows), temperature, weight)

    def _cosine(self, rows: Rows, temperature: float, weight: float) -> float:
        gap = self._outputs(temperature, weight, 1.0) - self._wanted(temperature, weight)
        rows = rows - rows.mean(axis=1, keepdims=True)
        size = float(np.linalg.norm(rows) * np.linalg.norm(gap))
        return float(np.vdot(rows, gap)) / size if size > 0 else 0.0

    @cached_property
    def _finite(self) -> Rows:
        """Logits less the largest, 0 where masked: rows of G add up to 0."""
        rows = self.student - self.student.max(axis=1, keepdims=True)
        return np.where(np.isneginf(rows), 0.0, rows)

    def _outputs(self, temperature: float, weight: float, scale: float) -> Rows:
        return softened(scale * self.student, temperature, weight)

    def _wanted(self, temperature: float, weight: float, scale: float = 1.0) -> Rows:
        found = weight * softmax(scale * self.teacher, temperature)
        found[np.arange(len(found)), self.labels] += 1 - weight
        return found
