"""
What an ensemble covers
=======================

Each network learns one of the M views of a class: N of them together cover 1 - (1 - 1/M)^N.
"""

import matplotlib.pyplot as plt

from mvtheory.coverage import ensemble
from mvtheory.plotting import plot_formula

ax = plot_formula(ensemble, views=[2, 3, 5], networks=range(1, 13))
plt.show()
