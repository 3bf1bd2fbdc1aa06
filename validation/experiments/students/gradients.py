"""The logit gradient of the distillation loss by torch, beside the one that the theory states."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.distillation import logit_gradient, soft_weight
from validation.experiments.students.setting import StudentSetting

ROWS = 200
"""Test samples on which the two are compared."""


def gradients(
    setting: StudentSetting,
    labels: NDArray[np.int64],
    teacher: NDArray[np.float32],
    students: NDArray[np.float32],
) -> list[dict[str, Any]]:
    """Largest difference between autograd's logit gradient and dual outputs less dual labels.

    Of the loss with either divergence; in float64 on the logits of the trained students.
    """
    y, told = labels[:ROWS], teacher[:ROWS].astype(float)
    rows = []
    for (t, a), student in zip(setting.grid, students[:-1], strict=True):
        w = float(soft_weight(hard_weight=a, temperature=t))
        logits = student[:ROWS].astype(float)
        stated = logit_gradient(y, told, logits, temperature=t, soft_weight=w)
        row = {"temperature": t, "hard_weight": a}
        for name, reverse in (("residual", False), ("reverse_residual", True)):
            gradient = _autograd(y, told, logits, t, w, reverse)
            row[name] = float(np.abs(gradient - stated).max())
        rows.append(row)
    return rows


def _autograd(
    labels: NDArray[np.int64],
    teacher: NDArray[np.float64],
    logits: NDArray[np.float64],
    temperature: float,
    weight: float,
    reverse: bool,
) -> NDArray[np.float64]:
    """The gradient of the summed loss, by torch; `reverse` takes KL(student || teacher)."""
    z = torch.tensor(logits, requires_grad=True)
    p = torch.log_softmax(z / temperature, dim=1)
    q = torch.log_softmax(torch.tensor(teacher) / temperature, dim=1)
    divergence = (p.exp() * (p - q) if reverse else q.exp() * (q - p)).sum()
    hard = torch.nn.functional.cross_entropy(z, torch.from_numpy(labels), reduction="sum")
    ((1 - weight) * hard + weight * temperature * divergence).backward()
    assert z.grad is not None
    return np.asarray(z.grad)
