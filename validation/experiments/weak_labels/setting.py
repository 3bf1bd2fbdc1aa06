"""The experiment on weak labels: patches with easy and hard signals, and a teacher that is linear.

The teacher is trained on the true labels of samples of its own, patch networks on the labels that
it gives to new ones. How strong noise is follows from how much a hard signal leads it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import Correction, WeakLabels, correct_labels, signal_lead
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

PARTS = {"easy only": 1, "both": 2, "hard only": 2}
"""Of five samples of a class, how many show an easy signal, a hard one or both."""
EASY_ONLY, HARD_ONLY = 0, 2
"""Numbers of these parts."""
SIGNALS, PATCHES = 4, 3
"""An easy and a hard direction of each class; patches for either, and for noise."""
ROOMY = 20
"""Dimensions of noise for each sample: the noise of others moves a response by 1/sqrt(20) of what
its own does."""
KNOWN = "share of the teacher's labels that are right"
THEORY_DRAWS = 200
"""Of students, by the theory: the error of a mean is below .02."""


class Patches(NamedTuple):
    """Inputs, shape (samples, patches, dimension), the class of each, and what it shows.

    Parts are numbers in the order of `PARTS`.
    """

    inputs: NDArray[np.float32]
    classes: NDArray[np.int64]
    part: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class WeakLabelsSetting(Described):
    """A replicate is a teacher, and `data_sets` of `samples` with its labels and `students` each.

    A sample shows z_e mu_y in its first patch, +-z_h nu_y in its second one, or both, and noise in
    its third one, of the norm at which a hard signal has the `lead` in question. Students are asked
    before the step `early` and at the end.
    """

    experiment = "weak labels"
    trainer = "validation.experiments.weak_labels.training"

    samples: int
    lead: float
    data_sets: int
    students: int = 1
    power: int = 2
    neurons: int = 6
    deviation: float = 0.01
    easy: float = 0.7
    hard: float = 2.0
    rate: float = 2.0
    early: int = 8
    steps: int = 60
    teacher_samples: int = 1000
    teacher_steps: int = 3
    test_samples: int = 80

    def __post_init__(self) -> None:
        for name in ("samples", "teacher_samples"):
            if getattr(self, name) < 20 or getattr(self, name) % 20:
                raise ValueError(
                    f"{name}={getattr(self, name)} is not allowed (20, 40, 60, ...): of both "
                    "classes 1 in 5 shows an easy signal, 2 a hard one of either sign as often, 2 "
                    "both; take a multiple of 20"
                )
        if not 0 <= self.early < self.steps:
            raise ValueError(
                f"early={self.early} is not allowed (0 <= early < steps = {self.steps}); stop "
                "before the end"
            )

    @property
    def label(self) -> str:
        return f"weak labels, {self.samples} samples, lead {self.lead:g}, power {self.power}"

    @property
    def series(self) -> str:
        return f"n = {self.samples}" if self.power == 2 else f"n = {self.samples}, q = {self.power}"

    @property
    def networks(self) -> int:
        return self.data_sets * self.students

    @property
    def work(self) -> float:
        """Multiplications in the products of the training."""
        return super().work * self.samples * self.noise_dimensions * 2 * self.neurons

    def shortened(self, steps: int) -> "WeakLabelsSetting":
        return replace(self, steps=steps, early=min(self.early, steps - 1))

    @property
    def both(self) -> float:
        """Share of the samples that show both signals."""
        return PARTS["both"] / sum(PARTS.values())

    @property
    def noise(self) -> float:
        """Norm of a sample's noise: leads go by its power -q."""
        at_one = signal_lead(
            samples=self.samples, both=self.both, hard=self.hard, noise=1, classes=2,
            power=self.power,
        )  # fmt: skip
        return float((at_one / self.lead) ** (1 / self.power))

    @property
    def noise_dimensions(self) -> int:
        return ROOMY * self.samples

    @property
    def theory(self) -> WeakLabels:
        each = self.samples // 2 // sum(PARTS.values())
        easy_only, both, hard_only = (each * part for part in PARTS.values())
        return WeakLabels(
            easy_only=easy_only, both=both, hard_only=hard_only, easy=self.easy, hard=self.hard,
            noise=self.noise, noise_dimensions=self.noise_dimensions, neurons=self.neurons,
            power=self.power, deviation=self.deviation, rate=self.rate, steps=self.steps,
        )  # fmt: skip

    def sample(self, count: int, rng: np.random.Generator) -> Patches:
        """Classes, parts and signs are spread evenly."""
        part = np.repeat(np.arange(len(PARTS)), tuple(PARTS.values()))
        return self._shown(part[np.arange(count) // 4 % 5], rng)

    def hard_only(self, rng: np.random.Generator) -> Patches:
        """New samples that show a hard signal alone, as many of each class and sign."""
        return self._shown(np.full(self.test_samples, HARD_ONLY), rng)

    def _shown(self, part: NDArray[np.int64], rng: np.random.Generator) -> Patches:
        place = np.arange(part.size)
        classes, sign = place % 2, 1 - place // 2 % 2 * 2
        inputs = np.zeros((part.size, PATCHES, SIGNALS + self.noise_dimensions), dtype=np.float32)
        easy, hard = part != HARD_ONLY, part != EASY_ONLY
        inputs[easy, 0, classes[easy]] = self.easy
        inputs[hard, 1, 2 + classes[hard]] = self.hard * sign[hard]
        noise = rng.standard_normal((part.size, self.noise_dimensions), dtype=np.float32)
        inputs[:, 2, SIGNALS:] = noise * np.float32(self.noise / self.noise_dimensions**0.5)
        return Patches(inputs, classes, part)


@lru_cache(maxsize=256)
def followed(theory: WeakLabels, early: int) -> Correction:
    """`correct_labels`, once for each setting: reports and plans ask again."""
    return correct_labels(theory, (early,), THEORY_DRAWS)


def settings(preset: str) -> tuple[WeakLabelsSetting, ...]:
    """From noise that is memorised before hard signals are learned to noise that is not at all.

    Where wrong labels undo hard signals it goes by the draw of few labels: more data sets are
    needed there. The larger presets have more samples too, and another power.
    """
    if preset == "smoke":
        return (WeakLabelsSetting(samples=20, lead=4.0, data_sets=1),)
    times = {"quick": 1, "standard": 2, "full": 4}[preset]

    def of(samples: int, lead: float) -> WeakLabelsSetting:
        return WeakLabelsSetting(
            samples=samples,
            lead=lead,
            data_sets=times * (8 if lead < 16 else 26),
            # At one lead noise is the stronger the more samples share a hard signal, and a teacher
            # errs by its fourth power over its dimensions and the teacher's samples.
            teacher_samples=max(1000, 25 * samples),
        )

    if preset == "quick":
        return (*(of(40, lead) for lead in (0.25, 1.0, 4.0, 64.0)), of(20, 0.25))
    main = [of(40, lead) for lead in (0.25, 0.5, 1.0, 2.0, 4.0, 16.0, 64.0)]
    others = [of(samples, lead) for samples in (20, 80) for lead in (0.25, 2.0, 64.0)]
    # Of power 3 small starts would take long, and the race is one of the largest of them.
    cubic = [
        replace(of(40, lead), power=3, deviation=0.1, early=16, steps=120)
        for lead in (0.25, 4.0, 64.0)
    ]
    return (*main, *others, *cubic)


def require(setting: WeakLabelsSetting) -> list[Expectation]:
    """Teachers know easy signals, and of hard ones nothing: there they are right by chance."""
    easy, hard = (setting.samples * setting.data_sets * share for share in (0.6, 0.4))
    return [
        # In the strongest noise they miss one in fifty.
        Expectation(KNOWN, "easy", setting.label, 0.98, 0.95, None, (0.02 / easy) ** 0.5),
        Expectation.around(KNOWN, "hard", setting.label, 0.5, 0.2, 0.5 / hard**0.5),
    ]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("teachers", kind)) for kind in ("easy", "hard")]
