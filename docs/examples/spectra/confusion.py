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
values = np.linalg.eigvalsh(law.matrix(800, np.random.default_rng(0)))
rivals = GeneralizedWishart(aspect_ratio=1 / 20, correlation=0.6)
ax = plot_spectrum(law, matrices=[values[:-1]])  # the last is that of the all-ones vector
x = np.linspace(-0.1, 1.3, 500)
ax.plot(x, rivals.pdf(x), ":", color=COLOURS[1], label="generalised Wishart law")
ax.legend()
plt.show()
