"""
The spectrum behind a student's accuracy
========================================

The matrix H of labels and predictions has the accuracy in its trace. Where outputs are spread
evenly its eigenvalues follow a generalised Wishart law.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.distillation import h_spectrum
from mvtheory.plotting import plot_h_spectrum

rng = np.random.default_rng(1)
labels = rng.integers(200, size=3000)
logits = rng.normal(size=(3000, 200)) + 2 * np.eye(200)[labels]
plot_h_spectrum(h_spectrum(labels, logits, temperature=2))
plt.show()
