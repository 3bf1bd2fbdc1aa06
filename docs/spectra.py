"""Draw docs/spectra.png, the figure of the README: laws beside eigenvalues of their matrices.

Usage: python docs/spectra.py (seconds)
"""

from pathlib import Path

from laws_gallery import COIN, draw
from mvtheory.laws import (
    ConfusionLaw,
    GeneralizedCovariance,
    GeneralizedWishart,
    Semicircle,
    WishartProduct,
    free_add,
)

LAWS = {
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

if __name__ == "__main__":
    draw(LAWS, Path(__file__).with_name("spectra.png"), size=400, copies=8)
