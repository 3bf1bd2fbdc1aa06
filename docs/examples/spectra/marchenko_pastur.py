"""
A law and sampled matrices
==========================

The Marchenko-Pastur law of a sample covariance with more variables than samples: an atom at 0,
and a bulk that a few matrices show.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import MarchenkoPastur
from mvtheory.plotting import plot_spectrum

law = MarchenkoPastur(aspect_ratio=2, variance=1.5)
rng = np.random.default_rng(0)
plot_spectrum(law, matrices=[np.linalg.eigvalsh(law.matrix(400, rng)) for _ in range(4)])
plt.show()
