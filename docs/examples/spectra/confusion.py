"""
One-hot predictions have a law of their own
===========================================

The spectrum of a confusion matrix against the generalised Wishart law of the same accuracy: with
one-hot rows, which are not spread evenly, they differ.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import ConfusionLaw, GeneralizedWishart
from mvtheory.plotting import COLOURS, plot_spectrum

law = ConfusionLaw(accuracy=0.6, samples_per_class=20)
rng = np.random.default_rng(0)
# The largest eigenvalue is that of the all-ones vector.
values = [np.linalg.eigvalsh(law.matrix(400, rng))[:-1] for _ in range(4)]
rival = GeneralizedWishart(aspect_ratio=1 / 20, correlation=0.6)
ax = plot_spectrum(law, matrices=values, bins=30)
x = np.linspace(-0.1, 1.3, 500)
ax.plot(x, rival.pdf(x), ":", color=COLOURS[2], label="generalised Wishart law")
ax.legend(loc="upper left", bbox_to_anchor=(0, 1.18), ncols=2, fontsize=8, frameon=False)
plt.show()
