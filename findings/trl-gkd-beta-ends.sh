#!/usr/bin/env bash
# TRL 1.16.0, GKDTrainer. Two surprises for whoever reads beta and temperature as one does elsewhere:
#   beta: 0 gives KL(teacher || student), 1 gives KL(student || teacher), and between them is
#     beta KL(teacher || m) + (1 - beta) KL(student || m) [Agarwal et al. 2024, (1)], which goes to 0
#     at both ends. So it is no interpolation of the two: at beta = 0.01 the loss, and with it the
#     learning rate, is about a hundredth of that at 0. TRL's maintainers mean it so.
#     ms-swift 4.6.0 (gkd_loss.py) does the same.
#   temperature of GKDConfig: that of sampling alone. The loss is always at T = 1, though its function
#     has an argument temperature; the newer DistillationTrainer of the same release, and ms-swift
#     under the same name, use theirs in the loss as well (without T^2).
# Seen: beta 0: 2.0786, 0.01: 0.0184, 0.5: 0.3047, 0.99: 0.0187, 1: 2.1527; the trainer's loss at
# temperature = 4: 2.0786 (at T = 4 it were 0.2269). Exits with 1 if any of it changes; what is said
# of the other trainers is read, not run. A CPU build of torch suffices.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet torch==2.13.0 numpy==2.3.4 trl==1.16.0 transformers==5.24.0 \
    accelerate==1.15.0 datasets==5.2.0
TRL_EXPERIMENTAL_SILENCE=1 HF_HOME="$work" "$work/env/bin/python" -W ignore - "$work" <<'PYTHON'
import sys
from importlib.metadata import version
from types import SimpleNamespace

import torch
from trl.experimental.gkd import GKDConfig, GKDTrainer

torch.manual_seed(0)
student, teacher = 2 * torch.randn(2, 1, 8, 5, dtype=torch.float64)
labels = torch.zeros(1, 8, dtype=torch.long)
loss = GKDTrainer.generalized_jsd_loss


class Model:
    """Answers the same to everything."""

    def __init__(self, logits):
        self.logits = logits

    def __call__(self, **inputs):
        return self

    def eval(self):
        pass


found = {beta: float(loss(student[:, :-1], teacher[:, :-1], labels[:, 1:], beta=beta))
         for beta in (0, 0.01, 0.5, 0.99, 1)}
config = GKDConfig(output_dir=sys.argv[1], beta=0.0, temperature=4.0, use_cpu=True, bf16=False)
trainer = SimpleNamespace(teacher_model=Model(teacher), beta=config.beta, args=config,
                          temperature=config.temperature, generalized_jsd_loss=loss)
inputs = {"input_ids": labels, "attention_mask": labels + 1, "labels": labels}
trained = float(GKDTrainer.compute_loss(trainer, Model(student), inputs))
at_four = float(loss(student[:, :-1], teacher[:, :-1], labels[:, 1:], beta=0, temperature=4.0))
print(f"trl {version('trl')}: " + ", ".join(f"beta {b:g}: {v:.4f}" for b, v in found.items())
      + f"; the trainer's loss at temperature = 4: {trained:.4f} (at T = 4 it were {at_four:.4f})")
assert 0.005 < found[0.01] / found[0] < 0.011
assert 0.005 < found[0.99] / found[1] < 0.011
assert found[0.5] > found[0.01]
assert trained == found[0]
assert at_four < found[0] / 4
PYTHON
