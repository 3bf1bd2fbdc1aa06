"""
A lottery of views, told by its members
=======================================

Each network knows one of two views of a class. The surer of two that disagree is then nearly
always right, and a student can learn what no member knows.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.ensembles import advise_ensemble
from mvtheory.plotting import plot_ensemble

rng = np.random.default_rng(1)
labels = rng.integers(10, size=3000)
known = rng.integers(2, size=(3, 10))[:, labels] == rng.integers(2, size=3000)
views = 9 * known[..., None] * np.eye(10)[labels] + rng.normal(size=(3, 3000, 10))
plot_ensemble(advise_ensemble(labels, views))
plt.show()
