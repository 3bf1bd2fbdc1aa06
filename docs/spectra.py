"""Draw docs/spectra.png: laws against the eigenvalues of sampled matrices."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt

from mvtheory.laws import (
    ConfusionLaw,
    Discrete,
    GeneralizedCovariance,
    GeneralizedWishart,
    Semicircle,
    WishartProduct,
    free_add,
)
from mvtheory.plotting import plot_spectrum

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
PANELS = {
    "Generalised Wishart, q = 0.1, rho = 0.5": GeneralizedWishart(
        aspect_ratio=0.1, correlation=0.5
    ),
    "Generalised Wishart, q = 3, rho = 0.3": GeneralizedWishart(aspect_ratio=3, correlation=0.3),
    "Sample covariance of {1, 10}, q = 0.05": GeneralizedCovariance(
        population={1: 0.5, 10: 0.5}, aspect_ratio=0.05
    ),
    "Product of two square Wishart matrices": WishartProduct(aspect_ratios=(1, 1)),
    "Confusion matrix, accuracy 0.6, 10 a class": ConfusionLaw(accuracy=0.6, samples_per_class=10),
    "Free sum of a coin and a semicircle": free_add(COIN, Semicircle(variance=0.3)),
}
SIZE, COPIES = 400, 8

figure, axes = plt.subplots(2, 3, figsize=(12, 6.4), layout="constrained")
for index, (title, law) in enumerate(PANELS.items()):
    matrices = [
        np.linalg.eigvalsh(law.matrix(SIZE, np.random.default_rng([index, copy])))
        for copy in range(COPIES)
    ]
    if isinstance(law, ConfusionLaw):
        # The all-ones vector makes one more eigenvalue, near 1.
        matrices = [np.delete(values, np.argmin(np.abs(values - 1))) for values in matrices]
    ax = plot_spectrum(law, ax=axes.flat[index], matrices=matrices, bins=40)
    ax.set_title(title, fontsize=9)
    handles, labels = ax.get_legend_handles_labels()
    ax.get_legend().remove()
    for label in labels:
        if label.startswith("atom"):
            ax.text(0.98, 0.97, label.replace(", ", "\n"), fontsize=8, ha="right", va="top",
                    transform=ax.transAxes)  # fmt: skip
names = ("law", f"{COPIES} sampled matrices of size {SIZE}: mean and deviation of a bin")
shown = [h for h, label in zip(handles, labels, strict=True) if not label.startswith("atom")]
figure.legend(shown, names, loc="outside lower center", ncols=2, frameon=False)
figure.savefig(Path(__file__).with_name("spectra.png"), dpi=110)
