"""
Three networks say what thirty reach
====================================

Members that differ by noise: the Brier score is A + B/N exactly, accuracy follows by simulating
further members sample by sample.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.ensembles import advise_ensemble
from mvtheory.plotting import plot_ensemble

rng = np.random.default_rng(1)
labels = rng.integers(10, size=3000)
right = 2 * np.eye(10)[labels] + rng.normal(size=(3000, 10))
members = right + rng.normal(size=(32, 3000, 10))
few = advise_ensemble(labels, members[:3])
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
plot_ensemble(few, axes=axes)
later = [np.mean((members[:n].mean(0)).argmax(-1) == labels) for n in (8, 16, 32)]
axes[0].plot([8, 16, 32], later, "kx", label="one ensemble, trained later")
axes[0].legend(fontsize=7)
plt.show()
