"""
Three networks say what more reach
==================================

Members that differ by noise: the Brier score is A + B/N exactly, accuracy follows by simulating
further members sample by sample. Crosses are eight other networks.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.ensembles import advise_ensemble
from mvtheory.plotting import plot_ensemble

rng = np.random.default_rng(1)
labels = rng.integers(10, size=3000)
right = 2 * np.eye(10)[labels] + rng.normal(size=(3000, 10))
members = right + rng.normal(size=(11, 3000, 10))
others = advise_ensemble(labels, members[3:], sizes=[1])  # "trained" afterwards
plot_ensemble(advise_ensemble(labels, members[:3]), reached=others.subsets)
plt.show()
