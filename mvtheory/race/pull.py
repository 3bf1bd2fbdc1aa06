"""Forces on the views of a student, as functions of the strength s of those that it knows.

Averages over the coefficients z, z' of two views of the label, uniform and independent; further
views enter the outputs by their mean coefficient. Outputs
have a kink at the ReLU's threshold, and probabilities change within a temperature of an output that
is known; panels end at the kinks and get longer by a factor away from the changes.
"""

import math

import numpy as np

from mvtheory.race.lesson import Lesson, chances_of_known
from mvtheory.shapes import Float, Floats

Edges = Float[Floats, "*further edges"]
Nodes = Float[Floats, "*further nodes"]
NODES, FACTOR = 12, 3.0
"""Of Gauss and Legendre on each panel, and by which panels grow. A logistic function has poles at
pi i; on panels that grow by 3 the error is below (2 + sqrt(3))^-24 = 2e-14."""
MISSING, KNOWN, OTHER = range(3)
NEGLIGIBLE = 1e-20


class Pull:
    """A lesson at one temperature, for a student that knows so many views of every class."""

    def __init__(self, lesson: Lesson, temperature: float, learned: int = 1) -> None:
        self.lesson, self.temperature, self.learned = lesson, temperature, learned
        views, (low, high) = lesson.views, lesson.strength
        self.low, self.high = float(low), float(high)
        self.rest = (views - 2) * float(self._response(lesson.level * (low + high) / 2))
        self.teacher_distractor = float(self._response(lesson.level * lesson.distraction)) / views
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        self.nodes, self.weights = (nodes + 1) / 2, weights / 2
        steps = math.ceil(math.log(self.high / self.low, FACTOR))
        self.spread = self.low * FACTOR ** np.arange(1, steps)  # for powers that are not whole
        # Sum of the responses to all views at which the teacher is undecided, and where z may be.
        self.even = views * self._level(self.teacher_distractor, lesson.distractors, temperature)
        ends = self._response(lesson.level * np.array([self.low, self.high])) + self.rest
        changes = self._changes(lesson.level, self.even - ends, views * temperature)
        places = np.unique(np.concatenate([changes.ravel(), self.spread, [1 / lesson.level]]))
        inside = places[(places > self.low) & (places < self.high)]
        self.edges = np.concatenate([[self.low], inside, [self.high]])
        z, chances = self._nodes(self.edges)
        missing, told = self._missing(z)
        self.taught, self.told = (z, chances, missing), float(chances @ told)

    def _response(self, x: Float[Floats, " *further"] | float) -> Float[Floats, " *further"]:
        clipped = np.clip(x, 0, 1)
        power = self.lesson.power
        return np.asarray(clipped**power / power + np.maximum(np.asarray(x) - clipped, 0))

    def _inverse(self, output: Edges) -> Edges:
        power = self.lesson.power
        small = np.clip(power * output, 0, 1) ** (1 / power)
        return np.where(power * output < 1, small, output + 1 - 1 / power)

    def _gate(self, x: Float[Floats, " *further"] | float) -> Float[Floats, " *further"]:
        """Slope of the response."""
        return np.asarray(np.clip(x, 0, 1) ** (self.lesson.power - 1))

    def _changes(self, strength: float, centres: Float[Floats, " *further"], width: float) -> Edges:
        """Coefficients at which outputs at this strength are so many widths from the centres.

        Shape (..., edges) for centres of shape (...).
        """
        lowest, highest = (float(self._response(strength * end)) for end in (self.low, self.high))
        steps = max(1.0, math.log(max(1.0, (highest - lowest) / width), FACTOR) + 2)
        ladder = width * FACTOR ** np.arange(steps)
        around = np.asarray(centres)[..., None] + np.concatenate([-ladder, [0.0], ladder])
        # Where probabilities are exponentially small, most of them lies at the lowest output.
        lower = np.broadcast_to(lowest + ladder, (*around.shape[:-1], ladder.size))
        outputs = np.clip(np.concatenate([around, lower], axis=-1), lowest, highest)
        return self._inverse(outputs) / strength

    def _panels(self, edges: Edges) -> tuple[Nodes, Nodes]:
        """`_nodes` between edges of shape (..., edges), and between powers of a factor."""
        shape = edges.shape[:-1]
        ends = [np.full((*shape, 1), end) for end in (self.low, self.high)]
        spread = np.broadcast_to(self.spread, (*shape, self.spread.size))
        edges = np.clip(np.concatenate([*ends, spread, edges], axis=-1), self.low, self.high)
        return self._nodes(np.sort(edges, axis=-1))

    def _nodes(self, edges: Edges) -> tuple[Nodes, Nodes]:
        """Coefficients and their chances, shape (..., nodes)."""
        width = np.diff(edges, axis=-1)[..., None]
        z = edges[..., :-1, None] + width * self.nodes
        chances = width * self.weights / (self.high - self.low)
        shape = (*edges.shape[:-1], -1)
        return z.reshape(shape), chances.reshape(shape)

    def _probabilities(
        self, label: Nodes, distractor: float, known: int, temperature: float
    ) -> tuple[Nodes, Nodes, Nodes]:
        """Of everything but the label, of a distractor that is known, and of any other class."""
        rest = self.lesson.classes - 1 - known
        # Relative to the largest output, so that nothing overflows.
        top = np.maximum(label, distractor) if known else label
        of_label, of_other = np.exp((label - top) / temperature), np.exp(-top / temperature)
        of_known = np.exp((distractor - top) / temperature) if known else np.zeros_like(top)
        others = known * of_known + rest * of_other
        total = of_label + others
        return others / total, of_known / total, of_other / total

    def _level(self, distractor: float, known: int, temperature: float) -> float:
        """Output of the label that is as likely as all other classes together."""
        rest = self.lesson.classes - 1 - known
        terms = [math.log(rest)] if rest else []
        terms += [distractor / temperature + math.log(known)] if known else []
        return float(temperature * np.logaddexp.reduce(terms))

    def _missing(self, z: Nodes) -> tuple[Nodes, Nodes]:
        """What the teacher leaves to other classes, and gives to each distractor; means over z'."""
        lesson, temperature = self.lesson, self.temperature
        own = self._response(lesson.level * z) + self.rest
        edges = self._changes(lesson.level, self.even - own, lesson.views * temperature)
        threshold = np.full((*z.shape, 1), 1 / lesson.level)
        other, chances = self._panels(np.concatenate([edges, threshold], axis=-1))
        outputs = (own[..., None] + self._response(lesson.level * other)) / lesson.views
        missing, known, _ = self._probabilities(
            outputs, self.teacher_distractor, lesson.distractors, temperature
        )
        return (missing * chances).sum(axis=-1), (known * chances).sum(axis=-1)

    def _gated(self, own: float) -> float:
        """E[z gate(own z) missing(z)]; the panel that holds the kink is taken in two."""
        z, chances, missing = self.taught
        values = (chances * z * self._gate(own * z) * missing).reshape(-1, NODES).sum(axis=1)
        kink = 1 / own
        index = int(np.searchsorted(self.edges, kink)) - 1
        if 0 <= index < values.size:
            z, chances = self._nodes(np.array([self.edges[index], kink, self.edges[index + 1]]))
            values[index] = (chances * z * self._gate(own * z)) @ self._missing(z)[0]
        return float(values.sum())

    def _coefficients(self, own: float) -> tuple[Nodes, Nodes]:
        """z and chances, fine where the student's probabilities change."""
        distractors = self.lesson.distractors
        distractor = float(self._response(own * self.lesson.distraction))
        edges = [np.array([1 / own])]
        for temperature in {self.temperature, 1.0}:
            levels = [
                self._level(distractor, known, temperature)
                for known in sorted({0, min(1, distractors), distractors})
            ]
            centres = np.array(levels) - self._beside(own)
            edges.append(self._changes(own, centres, temperature).ravel())
        return self._panels(np.unique(np.concatenate(edges)))

    def _beside(self, own: float) -> float:
        """What views that the student knows, beside the one in question, add to the label."""
        if self.learned == 1:
            return 0.0
        return (self.learned - 1) * float(self._response(own * (self.low + self.high) / 2))

    def _student(self, z: Nodes, own: float, slots: int, index: int) -> tuple[Nodes, Nodes]:
        """The student's probabilities (`_probabilities`' index), softened and as they are.

        Averages over which of the other distractors, `slots`, it knows; beside these stands the
        distractor in question, if it is a known one.
        """
        label = self._response(own * z) + self._beside(own)
        distractor = float(self._response(own * self.lesson.distraction))
        chances = chances_of_known(slots, self.lesson.views / self.learned)
        soft, hard = np.zeros_like(z), np.zeros_like(z)
        for among in np.flatnonzero(chances > NEGLIGIBLE):
            for mean, t in ((soft, self.temperature), (hard, 1.0)):
                known = int(among) + (index == KNOWN)
                mean += chances[among] * self._probabilities(label, distractor, known, t)[index]
        return soft, hard

    def known(self, own: float) -> float:
        """Force on a view that the student knows."""
        lesson, weight = self.lesson, self.lesson.weight * self.temperature
        z, chances = self._coefficients(own)
        soft, hard = self._student(z, own, lesson.distractors, MISSING)
        force = float((chances * z * self._gate(own * z)) @ (weight * soft + hard))
        force -= weight * self._gated(own)
        if lesson.distractors:
            soft, hard = self._student(z, own, lesson.distractors - 1, KNOWN)
            share = lesson.distractors / lesson.views
            reached = lesson.distraction * float(self._gate(own * lesson.distraction))
            taught = weight * self.told - float(chances @ (weight * soft + hard))
            force += share * reached * taught
        return force

    def unknown(self, own: float) -> float:
        """Drive of a view that it does not know."""
        lesson, weight = self.lesson, self.lesson.weight * self.temperature
        z, chances = self._coefficients(own)
        soft, hard = self._student(z, own, lesson.distractors, MISSING)
        drive = (chances @ z**lesson.power) * (chances @ (weight * soft + hard))
        # The teacher's output does not change if the coefficient of the view is called z, not z'.
        z_taught, chances_taught, missing = self.taught
        drive -= weight * (chances_taught @ (z_taught**lesson.power * missing))
        if lesson.distractors:
            soft, hard = self._student(z, own, lesson.distractors - 1, OTHER)
            share = lesson.distractors / lesson.views
            reached = lesson.distraction**lesson.power
            drive += share * reached * (weight * self.told - chances @ (weight * soft + hard))
        return float(drive)
