"""Figure of the README: the spectrum of H, where the generalised Wishart law holds and where not.

Usage: python docs/h_spectrum.py (writes docs/h-spectrum.png)
"""

from pathlib import Path

import matplotlib
import numpy as np

from mvtheory.distillation import h_spectrum
from validation.data import ManyClasses
from validation.experiments.students.networks import train_students
from validation.training.optimizer import Optimizer

CLASSES, SAMPLES_A_CLASS = 200, 5


def trained_student() -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits of a student of hard labels, five test samples of each class."""
    rng = np.random.default_rng(3)
    problem = ManyClasses(classes=CLASSES, dimension=40, seed=3)
    training, drawn = problem.sample(15 * CLASSES, rng), problem.sample(40 * CLASSES, rng)
    first = [np.flatnonzero(drawn.labels == k)[:SAMPLES_A_CLASS] for k in range(CLASSES)]
    chosen = np.concatenate(first)
    students = train_students(
        training,
        drawn.inputs[chosen],
        np.zeros((len(training.labels), CLASSES)),
        [(1.0, 0.0)],
        [np.random.SeedSequence(3)],
        hidden=96,
        optimizer=Optimizer(method="adam", rate=0.003, final=0.1),
        steps=1000,
        batch=64,
    )
    return drawn.labels[chosen], students.test[0, 0]


def concentrated(classes: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Random labels, and logits that are Gaussian but for a preference for the label."""
    rng = np.random.default_rng(1)
    labels = rng.integers(classes, size=samples)
    logits = 0.5 * rng.standard_normal((samples, classes))
    logits[np.arange(samples), labels] += 1.0
    return labels, logits


def main() -> None:
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from mvtheory.plotting import STYLE, plot_h_spectrum

    plt.style.use(STYLE)
    figure, axes = plt.subplots(1, 3, figsize=(13.2, 3.8))
    labels, logits = trained_student()
    cases = (
        ("soft, spread evenly", *concentrated(400, 4000), 1.0),
        ("a trained student, soft", labels, logits, 1.0),
        ("a trained student, one-hot", labels, logits, 0.0),
    )
    for ax, (title, y, z, temperature) in zip(axes, cases, strict=True):
        plot_h_spectrum(h_spectrum(y, z, temperature=temperature), ax=ax)
        ax.set_title(f"{title}\n{ax.get_title()}")
    for ax in axes[1:]:
        ax.set_ylabel("")
    path = Path(__file__).with_name("h-spectrum.png")
    figure.savefig(path, dpi=140, metadata={"Software": None})


if __name__ == "__main__":
    main()
