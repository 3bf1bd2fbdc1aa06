#!/usr/bin/env bash
# torchdistill 1.1.5, KDLoss: at alpha = 0 the documented loss alpha CE + (1 - alpha) T^2 KL loses its
# T^2 (and beta, if given), because hard labels without weight are taken as no targets at all: the
# loss, and with it the learning rate, jumps down T^2-fold between alpha = 0.000001 and alpha = 0.
# With its default alpha (None) and no beta it cannot be made: 1 - None raises a TypeError.
# Seen (T = 4): alpha = 1e-6: 2.8577, alpha = 0: 0.1786, their quotient 16.000; alpha = 0, beta = 5:
# 0.1786; by default TypeError. Exits with 1 if any of it changes.
# A CPU build of torch suffices.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet torch==2.13.0 numpy==2.3.4 pyyaml==6.0.3
"$work/env/bin/pip" install --quiet --no-deps torchdistill==1.1.5
"$work/env/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import torch
from torchdistill.losses.mid_level import KDLoss

torch.manual_seed(0)
student, teacher = 2 * torch.randn(2, 6, 5, dtype=torch.float64)
labels = torch.tensor([0, 1, 2, 3, 4, 0])
T = 4.0
PLACES = ("m", "output", "m", "output")


def value(**given):
    rows = ({"m": {"output": part}} for part in (student, teacher))
    return float(KDLoss(*PLACES, temperature=T, **given)(*rows, labels))


near, at, weighted = value(alpha=1e-6), value(alpha=0), value(alpha=0, beta=5)
try:
    KDLoss(*PLACES, temperature=T)
    default = "made"
except TypeError:
    default = "TypeError"
print(f"torchdistill {version('torchdistill')}: alpha = 1e-6 {near:.4f}, alpha = 0 {at:.4f}, their "
      f"quotient {near / at:.3f}; alpha = 0, beta = 5 {weighted:.4f}; default {default}")
assert abs(near / at - T**2) < 1e-3
assert weighted == at
assert default == "TypeError"
PYTHON
