"""
Advice before a sweep
=====================

From the outputs of a student, a teacher and one distilled student: which temperature T and hard
weight a_H will be best, and how certain that is.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.distillation import Anchor, advise
from mvtheory.plotting import plot_advice

rng = np.random.default_rng(1)
labels = rng.integers(10, size=2000)
right, noise = 2 * np.eye(10)[labels], rng.normal(size=(2000, 10))
soft = Anchor(logits=right + noise, temperature=4)  # one student of soft labels alone
advice = advise(labels, right + 1.5 * noise, 2 * right + noise, anchors=[soft])
plot_advice(advice)
plt.show()
