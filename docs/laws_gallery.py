"""Draw docs/laws_gallery.png: each law beside eigenvalues of its own matrices."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt

from mvtheory.laws import (
    AbstractLaw,
    ConfusionLaw,
    DeformedSemicircle,
    Discrete,
    FreeBessel,
    FreeLevy,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    Wachter,
    WishartProduct,
    anticommutator,
    commutator,
    free_add,
    free_compress,
    free_multiply,
)
from mvtheory.plotting import STYLE, plot_spectrum

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
LEVELS = Discrete(atoms=[0.5, 2, 3], weights=[0.2, 0.5, 0.3])
NOISE = MarchenkoPastur(aspect_ratio=0.5)
LAWS = {
    "Semicircle": Semicircle(),
    "MarchenkoPastur, q = 1/2": NOISE,
    "MarchenkoPastur, q = 2": MarchenkoPastur(aspect_ratio=2),
    "GeneralizedCovariance of 1 and 6, q = 0.1": GeneralizedCovariance(
        population={1: 0.5, 6: 0.5}, aspect_ratio=0.1
    ),
    "GeneralizedWishart, q = 0.1, rho = 1/2": GeneralizedWishart(aspect_ratio=0.1, correlation=0.5),
    "WishartProduct, q = 1/2 and 1/4": WishartProduct(aspect_ratios=(0.5, 0.25)),
    "Wachter, q = 1/2 and 1/3": Wachter(aspect_ratio=0.5, other_aspect_ratio=1 / 3),
    "KestenMcKay, degree 3": KestenMcKay(degree=3),
    "DeformedSemicircle of -1 and 1": DeformedSemicircle(diagonal=COIN, variance=0.3),
    "FreePoisson, rate 3, jump -1/2": FreePoisson(rate=3, jump=-0.5),
    "FreeLevy, jumps 1 and -1/2": FreeLevy(variance=0.1, rates=(1, 2), jumps=(1, -0.5)),
    "FreeBessel, power 2, rate 1/2": FreeBessel(power=2, rate=0.5),
    "ConfusionLaw, accuracy 0.6": ConfusionLaw(accuracy=0.6, samples_per_class=10),
    "free_add of -1, 1 and Marchenko-Pastur": free_add(COIN, MarchenkoPastur(aspect_ratio=0.2)),
    "free_multiply of 1/2, 2, 3 and 1, 5": free_multiply(
        LEVELS, Discrete(atoms=[1, 5], weights=[0.5, 0.5])
    ),
    "free_compress of 1/2, 2, 3 to 0.4": free_compress(LEVELS, 0.4),
    "commutator with -1, 1": commutator(NOISE, COIN),
    "anticommutator with a semicircle": anticommutator(NOISE, Semicircle(mean=0.5)),
}
COLUMNS = 3


def draw(laws: dict[str, AbstractLaw], path: Path, size: int, copies: int) -> None:
    """A panel for each law, beside so many matrices of this size, with one legend for all."""
    plt.style.use(STYLE)
    rows = -(-len(laws) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(7.2, 1.65 * rows + 0.3))
    for index, (title, law) in enumerate(laws.items()):
        matrices = [
            np.linalg.eigvalsh(law.matrix(size, np.random.default_rng([index, copy])))
            for copy in range(copies)
        ]
        if isinstance(law, ConfusionLaw):
            # The all-ones vector makes one more eigenvalue, near 1.
            matrices = [np.delete(values, np.argmin(np.abs(values - 1))) for values in matrices]
        ax = plot_spectrum(law, ax=axes.flat[index], matrices=matrices, bins=40)
        for line in ax.lines:  # panels are small
            line.set(markersize=2, linewidth=0.7 * line.get_linewidth())
        ax.set_title(title, fontsize=7)
        ax.set(ylabel="density, per unit" if index % COLUMNS == 0 else "",
               xlabel="eigenvalue (no unit)" if index >= len(laws) - COLUMNS else "")  # fmt: skip
        handles, labels = ax.get_legend_handles_labels()
        ax.get_legend().remove()
        atoms = [label for label in labels if label.startswith("atom")]
        if atoms:
            ax.text(0.98, 0.95, "\n".join(atoms).replace(", ", "\n"), fontsize=6, ha="right",
                    va="top", transform=ax.transAxes)  # fmt: skip
        if index == 0:
            shown = handles
    names = ("law", f"{copies} sampled matrices of size {size}: mean and deviation of a bin")
    figure.legend(shown, names, loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=160, metadata={"Software": None})


if __name__ == "__main__":
    draw(LAWS, Path(__file__).with_name("laws_gallery.png"), size=300, copies=4)
