"""The experiment on Gaussian inputs: perceptrons, and averages of them, on data without views.

`GaussianSetting` holds every number of the experiment.
"""

import itertools
from dataclasses import dataclass, field, replace
from typing import get_args

from validation.data.gaussian import Function, GaussianInputs, Inputs, Sampling
from validation.experiments.description import Described
from validation.training.optimizer import Optimizer
from validation.trial.claim import Expectation, Measured, Sample, means

FUNCTIONS, SAMPLINGS = get_args(Function), get_args(Sampling)
SHALLOW = FUNCTIONS[:5]
"""Functions that the quick preset has under every condition; the others under the plain one."""
NOISE = 0.1
RATE = Optimizer(method="adam", rate=0.006, final=0.05)


@dataclass(frozen=True)
class Learner:
    """Perceptrons of these hidden layers, trained on so many samples."""

    hidden: tuple[int, ...]
    samples: int


@dataclass(frozen=True, kw_only=True)
class GaussianSetting(Described):
    """A replicate is a draw of every problem, with `networks_each` networks of each learner.

    The networks of a problem differ in their initial weights and in the order of their batches; so
    do as many `students` of their average, softened by `temperature`, whose soft labels have the
    share `soft_weight` of the dual loss.
    """

    experiment = "Gaussian inputs"
    trainer = "validation.experiments.gaussian_inputs.training"

    name: str
    problems: tuple[GaussianInputs, ...]
    learners: tuple[Learner, ...]
    networks_each: int = 10
    steps: int = 400
    batch: int = 50
    optimizer: Optimizer = field(default=RATE)
    test_samples: int = 12000
    students: int = 0
    temperature: float = 4.0
    soft_weight: float = 0.8

    @property
    def label(self) -> str:
        return f"{self.name}, K = {self.problems[0].classes}"

    @property
    def networks(self) -> int:
        return len(self.problems) * len(self.learners) * (self.networks_each + self.students)

    def spread(self) -> float:
        """Deviation of a gain in one replicate.

        Networks disagree about a tenth of the test samples, and on half of these the ensemble
        does otherwise than one network, for better or worse. Where it does gain, gains differ
        from draw to draw of the network that labels, which comes on top.
        """
        return (0.1 / 2 / self.test_samples) ** 0.5


def condition(problem: GaussianInputs) -> str:
    """The problem but for its function, in words."""
    noise = f", {problem.noise:.0%} noise".replace("%", " %") if problem.noise else ""
    return f"{problem.inputs}, {problem.sampling}{noise}"


def table_of_problems(whole: bool, **sizes: int) -> tuple[GaussianInputs, ...]:
    """Every function under every condition, or under those that change one factor at a time.

    Balanced classes are one of these factors, and crossed with no other.
    """
    factors = itertools.product(get_args(Inputs), SAMPLINGS[:2], (0.0, NOISE))
    crossed = [
        (inputs, sampling, noise)
        for inputs, sampling, noise in factors
        if whole or (inputs != "Gaussian") + (sampling != "uniform") + (noise > 0) <= 1
    ]
    plain, balanced = ("Gaussian", "uniform", 0.0), ("Gaussian", "balanced", 0.0)
    found = [(condition, function) for condition in crossed for function in SHALLOW]
    deeper = FUNCTIONS[len(SHALLOW) :]
    found += [(own, function) for own in (crossed if whole else [plain]) for function in deeper]
    found += [(balanced, function) for function in (FUNCTIONS if whole else SHALLOW[1:2])]
    return tuple(
        GaussianInputs(function=function, inputs=inputs, sampling=sampling, noise=noise, **sizes)
        for (inputs, sampling, noise), function in found
    )


def wide(preset: str) -> tuple[GaussianSetting, ...]:
    """One hidden layer, wide for the problem: all label functions."""
    if preset == "smoke":
        return (
            GaussianSetting(
                name="wide", problems=table_of_problems(False)[:6], steps=40, networks_each=3,
                learners=(Learner((16,), 200),), test_samples=200,
            ),
        )  # fmt: skip
    size = {"quick": 128, "standard": 128, "full": 512}[preset]
    sizes = {"classes": 10, "dimension": 20, "width": 20} if preset == "full" else {}
    samples, steps = (20000, 2000) if preset == "full" else (4000, 400)
    return (
        GaussianSetting(
            name="wide", problems=table_of_problems(preset != "quick", **sizes),
            learners=(Learner((size,), samples),), steps=steps,
        ),
    )  # fmt: skip


def narrow(preset: str) -> tuple[GaussianSetting, ...]:
    """Two hidden layers of several widths, and the narrowest but one on fewer samples and more."""
    if preset == "smoke":
        return (
            GaussianSetting(
                name="two hidden layers", problems=table_of_problems(False)[1:3], steps=40,
                learners=(Learner((8, 8), 200), Learner((16, 16), 100), Learner((16, 16), 200)),
                networks_each=3, test_samples=200,
            ),
        )  # fmt: skip
    full = preset == "full"
    widths = (16, 32, 64, 128, 256, 512) if full else (16, 32, 64, 128)
    counts = (500, 1000, 2000, 8000, 16000) if full else (500, 1000, 2000)
    learners = [Learner((width, width), 4000) for width in widths]
    learners += [Learner((32, 32), count) for count in counts]
    chosen: tuple[Function, ...] = ("fc2", "convolutional")
    if preset != "quick":
        chosen = ("fc2", "fc3", "convolutional")
    return (
        GaussianSetting(
            name="two hidden layers", learners=tuple(learners),
            problems=tuple(GaussianInputs(function=function) for function in chosen),
            steps=2000 if full else 400,
        ),
    )  # fmt: skip


def taught(preset: str) -> tuple[GaussianSetting, ...]:
    """Students of ensembles of the wide networks, on some of the label functions."""
    chosen: tuple[Function, ...] = ("fc2", "residual", "convolutional")
    if preset not in ("smoke", "quick"):
        chosen = ("fc2", "fc3", "residual", "convolutional")
    (whole,) = wide("quick" if preset == "standard" else preset)
    count = 3 if preset == "smoke" else 5
    problems = [
        p
        for p in whole.problems
        if p
        == GaussianInputs(
            function=p.function, classes=p.classes, dimension=p.dimension, width=p.width
        )
    ]
    return (
        replace(
            whole, name="students of wide networks", students=count, networks_each=count,
            problems=tuple(p for p in problems if p.function in chosen),
        ),
    )  # fmt: skip


def require(setting: GaussianSetting) -> list[Expectation]:
    """Networks must have learned the problems, and leave something to gain."""
    chance = 1 / setting.problems[0].classes
    return [
        Expectation(
            "accuracy above chance", "one network", setting.label, 0.6, 0.3, None, 0.05,
        ),
        Expectation(
            "test error", "one network", setting.label, 0.1 * (1 - chance), 0.02, None, 0.01,
        ),
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    """Over the problems without label noise and rejection."""
    table = measured.tables["gains"]
    problems = measured.setting.problems
    plain = [i for i, p in enumerate(problems) if not p.noise and p.sampling == "uniform"]
    table = table[table["problem"].isin(plain)]
    accuracy = means(table, "one")
    return [Sample.of(accuracy - 1 / problems[0].classes), Sample.of(1 - accuracy)]
