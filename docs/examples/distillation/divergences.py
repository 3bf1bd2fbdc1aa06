"""
From forward to reverse divergence
==================================

The Jensen-Shannon divergence of weight beta is 0 at both ends. Divided by beta (1 - beta) it leads
from KL(teacher || student) to KL(student || teacher) without a jump.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.distillation import Loss
from mvtheory.plotting import COLOURS

student, teacher = [[1.0, 0.0, 0.5]], [[3.0, 1.0, -1.0]]
plain = {"temperature": 1, "squared": False}
betas = np.linspace(0.01, 0.99, 60)
jsd = np.array(
    [Loss(divergence="jsd", beta=b, **plain).value(None, student, teacher) for b in betas]
)
ends = [Loss(divergence=d, **plain).value(None, student, teacher) for d in ("forward", "reverse")]
fig, ax = plt.subplots(layout="constrained")
ax.plot(betas, jsd, "--", color=COLOURS[1], label="jsd, as libraries have it")
ax.plot(betas, jsd / (betas * (1 - betas)), color=COLOURS[0], label="jsd / (beta (1 - beta))")
ax.plot([0, 1], ends, "o", color=COLOURS[0], label="forward and reverse")
ax.set_xlabel("beta")
ax.set_ylabel("divergence, in nats")
ax.legend()
plt.show()
