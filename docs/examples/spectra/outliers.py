"""
Which eigenvalues of data are signal
====================================

Five hundred samples of a hundred variables with one common factor: the bulk is fitted, what stands
out of it is counted, and the noise is taken off.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.measured import spectrum_of_data, study
from mvtheory.plotting import plot_study

rng = np.random.default_rng(1)
data = rng.normal(size=(500, 100)) + 0.3 * rng.normal(size=(500, 1))
found = study(spectrum_of_data(data))
print(*found.verdict, sep="\n")
plot_study(found)
plt.show()
