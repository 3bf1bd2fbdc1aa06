"""
What an ensemble covers
=======================

A network learns one of the M views of a class. N networks, averaged, cover
1 - (1 - 1/M)^N of them: more views need more networks, and the gain falls geometrically.
"""

import matplotlib.pyplot as plt

from mvtheory.coverage import ensemble
from mvtheory.plotting import plot_formula

plot_formula(ensemble, views=[2, 3, 5], networks=range(1, 13))
plt.show()
