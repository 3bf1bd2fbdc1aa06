"""
Free sums are not convolutions
==============================

A coin added freely to a semicircle: what the sum of two large matrices in general position has for
its spectrum. As the semicircle widens, two bands become one.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import Discrete, Semicircle, free_add
from mvtheory.plotting import COLOURS, DASHES

coin = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
x = np.linspace(-3.2, 3.2, 600)
fig, ax = plt.subplots(layout="constrained")
for variance, colour, dash in zip((0.1, 0.5, 1.0), COLOURS, DASHES, strict=False):
    law = free_add(coin, Semicircle(variance=variance))
    bands = f"{len(law.support)} band" + "s" * (len(law.support) > 1)
    ax.plot(x, law.pdf(x), color=colour, ls=dash, label=f"variance {variance:g}: {bands}")
ax.set_xlabel("eigenvalue")
ax.set_ylabel("density")
ax.legend(title="coin + semicircle")
plt.show()
