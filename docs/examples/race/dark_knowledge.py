"""
Dark knowledge needs a temperature
==================================

How strongly a student is driven to a view that only its teacher knows. At T = 1 a sure teacher
says nothing of it; the drive rises with T and levels off where the softmax is linear.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS, DASHES
from mvtheory.race import Lesson, dark_drive

temperatures = np.geomspace(0.5, 64, 40)
fig, ax = plt.subplots(layout="constrained")
for level, colour, dash in zip((5.0, 7.0, 10.0), COLOURS, DASHES, strict=False):
    lesson = Lesson(
        classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2, distraction=0.9,
        level=level,
    )  # fmt: skip
    drives = [dark_drive(lesson, temperature) for temperature in temperatures]
    ax.semilogx(temperatures, drives, color=colour, linestyle=dash, label=f"level {level:g}")
ax.set_xlabel("T, temperature of the soft labels")
ax.set_ylabel("drive of the view to be taught")
ax.legend(title="of the teacher's outputs")
plt.show()
