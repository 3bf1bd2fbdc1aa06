"""
A law and a sampled matrix
==========================

The Marchenko-Pastur law of a sample covariance with more variables than samples: an atom at 0,
and a bulk that one matrix already shows.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import MarchenkoPastur
from mvtheory.plotting import plot_spectrum

law = MarchenkoPastur(aspect_ratio=2, variance=1.5)
matrix = law.matrix(600, np.random.default_rng(0))
plot_spectrum(law, matrices=[np.linalg.eigvalsh(matrix)])
plt.show()
