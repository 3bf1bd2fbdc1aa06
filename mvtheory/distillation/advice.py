"""What the advisor says: predictions over a grid, a setting, doubts, and the run to make next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mvtheory.distillation.association import Baselines
from mvtheory.distillation.hypothesis import Diagnostic
from mvtheory.distillation.measures import ClassAccuracy, Evidence, Measured
from mvtheory.distillation.prediction import METHODS, Grid, Prediction
from mvtheory.distillation.readings import MEASURES
from mvtheory.html import card

ALONG = (
    " Along beta: what a student of another divergence scores beyond what those mixed foretell at "
    "its setting, linear in beta."
)
SOFT_ENOUGH = 0.8
"""Least soft weight of a student that is worth training to predict others."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Advice:
    """What distilling will give; arrays have shape (temperatures, hard weights).

    `low` and `high` bound the accuracy of one student on these samples with probability
    `confidence`; `scale` is that of the error, by Student's law of 4 degrees of freedom. The
    setting recommended, `worth` and `sampling_error`, which other samples of the same kind add, go
    by the `objective`. `str` is the advice in words; `details` says which hypotheses of the
    random-matrix theory these outputs meet, which it does not go by.
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
    beta: float = 0.0
    """Of the divergence; the recommended one, where several were asked for."""
    notes: tuple[str, ...] = ()
    """What the outputs had lost before they were given, such as probabilities rounded to 0."""
    others: tuple["Advice", ...] = field(default=(), repr=False)
    """That of the other betas that were asked for."""

    @property
    def by_beta(self) -> dict[float, "Advice"]:
        """The advice of every beta that was asked for."""
        return {one.beta: one for one in sorted((self, *self.others), key=lambda one: one.beta)}

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

    def details(self) -> str:
        """The hypotheses of the random-matrix theory that these outputs do not meet, one a line.

        Advice does not go by them: it is made by mixtures of outputs. They say whether the source's
        estimator, `estimate`, may be believed. `diagnostics` has them all, with numbers.
        """
        unmet = [found for found in self.doubts if not found.of_data]
        held = sum(found.holds and not found.of_data for found in self.diagnostics)
        first = f"Hypotheses of the random-matrix theory: {held} hold, {len(unmet)} do not"
        return "\n".join(
            [
                first + (":" if unmet else "."),
                *(f"  - {found.name}: {found.size}" for found in unmet),
            ]
        )

    @property
    def worth(self) -> str:
        """Whether distilling pays: "yes", "no" or "open"."""
        return self.sought.worth(self.best)

    @property
    def assumptions(self) -> str:
        """How the accuracies were predicted, and what that assumes."""
        return METHODS[self.method] + (ALONG if self.others else "")

    @property
    def doubts(self) -> tuple[Diagnostic, ...]:
        """The hypotheses that these outputs do not satisfy."""
        return tuple(found for found in self.diagnostics if not found.holds)

    @property
    def data_doubts(self) -> tuple[Diagnostic, ...]:
        """Of the doubts, those that make the advice itself doubtful; `str` says them first."""
        return tuple(found for found in self.doubts if found.of_data)

    def __repr__(self) -> str:
        sought, best = self.sought, self.best
        beta = f", beta = {self.beta:g}" if self.beta or self.others else ""
        doubts = f"; doubts about the data: {len(self.data_doubts)}" if self.data_doubts else ""
        return (
            f"<Advice: distilling pays: {self.worth}; T = {self.temperature:g}, "
            f"a_H = {self.hard_weight:g}{beta}, {sought.name} {sought.predicted[best]:.4f} "
            f"({sought.low[best]:.4f} to {sought.high[best]:.4f})\n"
            f" student {sought.student:.4f}, teacher {sought.teacher:.4f}; {sought.predicted.size} "
            f"settings by a {self.method} mixture{doubts}; str() says it in words>"
        )

    def _repr_html_(self) -> str:
        sought = self.sought
        rows = [("T", "".join(f" a_H {a:g} " for a in self.hard_weights))] + [
            (f"{t:g}", "  ".join(
                f"{'*' if (row, column) == self.best else ''}{value:.4f}"
                for column, value in enumerate(sought.predicted[row])))
            for row, t in enumerate(self.temperatures)
        ]  # fmt: skip
        return card(f"Predicted {sought.name}, * recommended", [str(self)], rows)

    def __str__(self) -> str:
        sought, best = self.sought, self.best
        verdict = {
            "yes": "Distil",
            "no": "Do not distil: no setting is predicted to be better",
            "open": f"Distilling may pay, but the interval holds the student's {sought.name} too",
        }[self.worth]
        doubts = "; ".join(str(found) for found in self.data_doubts)
        first = f"Check the data first: {doubts}. " if doubts else ""
        beta = f", beta = {self.beta:g}" if self.beta or self.others else ""
        about = "" if self.objective == "accuracy" else "As to the accuracy: "
        return (
            f"{first}{verdict}. T = {self.temperature:g}, a_H = {self.hard_weight:g}{beta}: "
            f"predicted {sought.name} {sought.predicted[best]:.4f}, {100 * self.confidence:g} % "
            f"interval {sought.low[best]:.4f} to {sought.high[best]:.4f}; student "
            f"{sought.student:.4f}, teacher {sought.teacher:.4f}. {about}{self.next_run}"
        )


def next_run(found: Prediction, confidence: float, beta: float | None = None) -> str:
    """The run that would narrow the intervals of the settings still in question most.

    Of students of that beta, where there are others too.
    """
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
        of_beta = "" if beta is None else f", beta = {beta:g}"
        words = (
            f"Train T = {found.temperatures[place[0]]:g}, a_H = {found.hard_weights[place[1]]:g}"
            f"{of_beta} next, from the same initial weights: the mean half-width over the "
            f"{int(rivals.sum())} settings that may be the best would go from {now:.3f} to about "
            f"{options[place]:.3f}."
        )
    if found.method == "linear":
        words += " Outputs on training samples (split) would narrow them too, without a run."
    return words
