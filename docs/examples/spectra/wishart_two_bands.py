"""
Where the spectrum of H splits
==============================

The generalised Wishart law of aspect ratio q and correlation rho has one band, or two, which are
not symmetric unless rho = 0.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import GeneralizedWishart
from mvtheory.plotting import COLOURS, DASHES

x = np.linspace(-4, 7, 1200)
fig, ax = plt.subplots(layout="constrained")
for ratio, colour, dash in zip((0.3, 1.5, 4.0), COLOURS, DASHES, strict=False):
    law = GeneralizedWishart(aspect_ratio=ratio, correlation=0.3)
    atom = f", atom {law.weights[0]:.2f} at 0" if len(law.atoms) else ""
    ax.plot(x, law.pdf(x), color=colour, linestyle=dash, label=f"q = {ratio:g}{atom}")
ax.set_xlabel("eigenvalue of K H")
ax.set_ylabel("density")
ax.set_title("Correlation rho = 0.3")
ax.legend()
plt.show()
