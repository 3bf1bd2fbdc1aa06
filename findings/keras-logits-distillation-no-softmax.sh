#!/usr/bin/env bash
# Keras 3.15.1, keras.distillation.LogitsDistillation: by default (loss="kl_divergence") it is no
# distillation loss. Softmaxes and T^2 are applied only to an instance of keras.losses.KLDivergence;
# the name resolves to the function kl_divergence, which is then given the logits over T as if they
# were probabilities, and clips them to [1e-7, 1]. The value is no divergence: it changes when a
# constant is added to the student's logits, may be negative, and does not depend on how far the
# student's logits are below 0 or above T. With "categorical_crossentropy", as in its documentation,
# likewise. loss=keras.losses.KLDivergence() gives T^2 KL(teacher || student).
# Seen (6 samples, 5 classes, T = 3): T^2 KL 2.5631; instance 2.5631; default 9.4269; default with 100
# added to the student's logits -0.5674; "categorical_crossentropy" -2.3279.
# Exits with 1 if any of it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet keras==3.15.1 numpy==2.3.4 jax==0.10.2
KERAS_HOME="$work" KERAS_BACKEND=jax "$work/env/bin/python" -W ignore - <<'PYTHON'
import keras
import numpy as np
from keras.distillation import LogitsDistillation

rng = np.random.default_rng(0)
teacher, student = (2 * rng.normal(size=(2, 6, 5))).astype("float32")
T = 3.0


def softmax(logits):
    e = np.exp((logits - logits.max(axis=1, keepdims=True)) / T)
    return e / e.sum(axis=1, keepdims=True)


def value(student, **given):
    return float(LogitsDistillation(temperature=T, **given).compute_loss(teacher, student))


q, p = softmax(teacher), softmax(student)
expected = T**2 * (q * np.log(q / p)).sum(axis=1).mean()
instance = value(student, loss=keras.losses.KLDivergence())
default, moved = value(student), value(student + 100)
outside = np.where(student < 0, student - 5, np.where(student > T, student + 5, student))
crossentropy = value(student, loss="categorical_crossentropy")
print(f"keras {keras.__version__}: T^2 KL {expected:.4f}, instance {instance:.4f}, default "
      f"{default:.4f}, with 100 added {moved:.4f}, categorical_crossentropy {crossentropy:.4f}")
assert abs(instance - expected) < 1e-4
assert default > 3 * expected
assert moved < 0
assert value(outside) == default
assert (outside != student).any()
assert crossentropy < 0
PYTHON
