"""The experiment with students of a larger network for images, at many temperatures and weights.

An `ImageStudentSetting` holds every number of the experiment. The claims about it share the trained
students.
"""

from dataclasses import dataclass

from mvtheory.distillation.interval import BALANCED
from validation.data import ImageProblem
from validation.data.problem import COARSE, DIGITS
from validation.experiments.of_images import OfImages
from validation.experiments.students.setting import TEMPERATURES, StudentGrid
from validation.networks.architecture import Architecture, Kind
from validation.networks.recipe import Recipe
from validation.trial.claim import Expectation, Measured, Sample

SOFT = (4.0, 0.0)
"""T and a_H of the student whose dual model has spectra."""
MIXED = (0.1, 0.8)
"""a_H of students whose dual models have a hard and a soft part: as usual, with w = .97, and so
that both parts weigh alike, w = .5 at this T."""
FREE = "free sum of the parts as they are"
"""What is told of the parts alone, beside their laws."""
MISSED = {DIGITS: 0.1, f"cifar-100{COARSE}": 0.65, "cifar-100": 0.8}
"""Share of the test images that a student misses, about; for the power analysis alone."""
WHITENED: Kind = "perceptron"
"""Students that see whitened images."""


@dataclass(frozen=True, kw_only=True)
class ImageStudentSetting(OfImages, StudentGrid):
    """A replicate is a draw of images, a teacher and one student for every setting of the grid.

    Students share initial weights and batches, so that their differences are paired; each minimises
    its loss over a_H + (1 - a_H) T, which leaves the rate what it is for labels alone. The grid has
    every temperature with every hard weight, soft labels alone (a_H = 0) included, and hard labels
    alone besides. Of `spectra` sets of test images, five of each class, the spectra of H are
    compared with their laws. Perceptrons see images that are whitened.
    """

    experiment = "image students"
    trainer = "validation.experiments.image_students.training"

    problem: ImageProblem
    kind: Kind
    width: int
    teacher_kind: Kind
    teacher_width: int
    epochs: int
    hard_weights: tuple[float, ...]
    temperatures: tuple[float, ...] = TEMPERATURES
    batch: int = 50
    rate: float = 0.05
    flip: bool = False
    spectra: int = 0

    @property
    def label(self) -> str:
        inputs = ", whitened" if self.kind == WHITENED else ""
        return f"students, {self.kind}, {self.problem.source}{inputs}"

    @property
    def dual(self) -> list[tuple[float, float]]:
        """(T, a_H) of the students of both labels whose dual models have spectra."""
        return [(t, a) for t, a in self.mixed if t == SOFT[0]]

    @property
    def networks(self) -> int:
        return len(self.grid) + 2

    @property
    def work(self) -> float:
        """Multiplications of the students' training, and of their teacher's answers."""
        seen = self.epochs * self.problem.training_samples
        own, above = self.student.multiplications, self.teacher.multiplications
        return float(seen * (3 * own * (len(self.grid) + 1) + above * (len(self.grid) + 3)))

    def _architecture(self, kind: Kind, width: int) -> Architecture:
        problem = self.problem
        return Architecture(
            kind=kind, width=width, channels=problem.channels, size=problem.size,
            classes=problem.classes,
        )  # fmt: skip

    @property
    def student(self) -> Architecture:
        return self._architecture(self.kind, self.width)

    @property
    def teacher(self) -> Architecture:
        return self._architecture(self.teacher_kind, self.teacher_width)

    def recipe(self, temperature: float = 1.0, hard_weight: float = 1.0) -> Recipe:
        """Of labels alone, or with a rate that makes up for the scale of a student's loss."""
        scale = hard_weight + (1 - hard_weight) * temperature
        return Recipe(
            epochs=self.epochs, batch=self.batch, rate=self.rate / scale, flip=self.flip
        )  # fmt: skip

    def spread(self) -> float:
        """Deviation that the mean error of predicted accuracies is expected to have.

        As in `validation.experiments.students.setting`, of the students of one temperature; their
        errors share the student of hard labels.
        """
        disagreement = 1 - (1 - MISSED[self.problem.source]) ** 2
        return float(BALANCED.noise * (disagreement / self.problem.test_samples) ** 0.5)


def settings(preset: str) -> tuple[ImageStudentSetting, ...]:
    """Convolutional students, and perceptrons on whitened images; beyond quick of data sets."""
    if preset in ("smoke", "quick"):
        samples, tests, epochs, width = {
            "smoke": (60, 100, 2, 4), "quick": (300, 1400, 40, 8),
        }[preset]  # fmt: skip
        digits = ImageProblem(source=DIGITS, size=8, training_samples=samples, test_samples=tests)
        # Convolutional students take ten times as long, and none of eight degrees would have fitted
        # its labels after so few steps.
        return (
            ImageStudentSetting(
                problem=digits, kind=WHITENED, width=4 * width, teacher_kind=WHITENED,
                teacher_width=16 * width, epochs=epochs, hard_weights=(0.0, 0.1, 0.5),
                temperatures=(4.0,) if preset == "smoke" else (1.0, 2.0, 4.0), rate=0.1,
            ),
        )  # fmt: skip
    full = preset == "full"
    source = "cifar-100" if full else f"cifar-100{COARSE}"
    images = ImageProblem(
        source=source, size=32 if full else 16, training_samples=50_000 if full else 3000,
        test_samples=10_000 if full else 5000,
    )  # fmt: skip
    return (
        ImageStudentSetting(
            problem=images, kind="resnet-8", width=32 if full else 8, teacher_kind="resnet-14",
            teacher_width=32 if full else 12, epochs=60 if full else 20,
            hard_weights=(0.0, 0.1, 0.5), flip=True, spectra=4 if full else 0,
        ),
        ImageStudentSetting(
            problem=images, kind=WHITENED, width=256 if full else 128, teacher_kind=WHITENED,
            teacher_width=2048 if full else 512, epochs=60 if full else 20,
            hard_weights=(0.0, 0.1, 0.5), rate=0.01,
        ),
    )  # fmt: skip


def spectral(preset: str) -> tuple[ImageStudentSetting, ...]:
    """Students of the hundred classes of CIFAR-100, whose H have spectra; none without files."""
    if preset == "full":
        return settings(preset)[:1]
    if preset != "standard":
        return ()
    temperature, hard_weight = SOFT
    images = ImageProblem(source="cifar-100", size=16, training_samples=10_000, test_samples=10_000)
    return (
        ImageStudentSetting(
            problem=images, kind="resnet-8", width=16, teacher_kind="resnet-14", teacher_width=16,
            epochs=10, batch=100, rate=0.1, hard_weights=(hard_weight, *MIXED),
            temperatures=(temperature,), flip=True, spectra=4,
        ),
    )  # fmt: skip


def require(setting: ImageStudentSetting) -> list[Expectation]:
    """Students and teacher must have learned something before anything is said of them."""
    chance = 1 / setting.problem.classes
    alone = 1 - MISSED[setting.problem.source]
    return [
        Expectation(f"accuracy of the {who}", "one network", setting.label, alone, 2 * chance,
                    None, 0.02)
        for who in ("student", "teacher")
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [
        Sample.of(measured.by_replicate("problem", name))
        for name in ("student_accuracy", "teacher_accuracy")
    ]
