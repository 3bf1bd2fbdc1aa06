"""Errors of losses and of libraries' arguments; part of `of_distillation`."""

from dataclasses import replace

import numpy as np
from remedy import Remedy

from mvtheory.distillation import Convention, Loss, cold_divergence, hot_divergence

RNG = np.random.default_rng(0)
STUDENT, TEACHER = RNG.standard_normal((2, 6, 4))
LABELS = RNG.integers(4, size=6)
ONE = np.where(np.arange(4) == 2, -np.inf, TEACHER)
FIRST = np.where(TEACHER.max(axis=1, keepdims=True) == TEACHER, -np.inf, STUDENT)
HINTON = Loss(temperature=4, hard_weight=0.1)
REVERSE = replace(HINTON, divergence="reverse")
UNEQUAL = replace(HINTON, teacher_temperature=2)


def lost(student=STUDENT, teacher=TEACHER, labels=LABELS, **given):
    return Loss(**({"temperature": 4} | given)).value(labels, student, teacher)


LOSSES = [
    Remedy(
        lambda: Loss(temperature=4, divergence="kl"),
        r"divergence='kl' is not allowed \(forward, reverse, jsd, mse\); choose one",
        lambda: Loss(temperature=4, divergence="reverse"),
    ),
    Remedy(
        lambda: Loss(temperature=4, beta=0.5),
        "beta=0.5 is not allowed with divergence='forward'.*divergence='jsd' together with beta",
        lambda: Loss(temperature=4, divergence="jsd", beta=0.5),
    ),
    Remedy(
        lambda: Loss.weighing(0, 0, temperature=4),
        "hard=0, soft=0 is not allowed.*give soft=1",
        lambda: Loss.weighing(0, 1, temperature=4),
    ),
    Remedy(
        lambda: UNEQUAL.setting,
        "teacher_temperature=2.*no loss of the advisor's.*train one with one temperature",
        lambda: replace(UNEQUAL, teacher_temperature=None).setting,
    ),
    Remedy(
        lambda: lost(student=1e307 * STUDENT, temperature=1e-3),
        "hold logits too large for this temperature.*mend the network",
        lambda: lost(temperature=1e-3),
    ),
    Remedy(
        lambda: lost(labels=None, hard_weight=0.1),
        "labels=None is not allowed with hard_weight=0.1.*give the classes",
        lambda: lost(hard_weight=0.1),
    ),
    Remedy(
        lambda: lost(teacher=ONE, divergence="reverse"),
        r"teacher\[0\] masks a class.*to which the student.*mask it in the student too",
        lambda: lost(
            student=np.where(np.isneginf(ONE), ONE, STUDENT), teacher=ONE, divergence="reverse"
        ),
    ),
    Remedy(
        lambda: hot_divergence(STUDENT, ONE),
        r"student\[0\] and the teacher mask different classes.*mask the same",
        lambda: hot_divergence(np.where(np.isneginf(ONE), ONE, STUDENT), ONE),
    ),
    Remedy(
        lambda: cold_divergence(FIRST, TEACHER),
        r"student\[0\] masks the first choice of the teacher.*give it a finite logit",
        lambda: cold_divergence(np.maximum(FIRST, -30), TEACHER),
    ),
    Remedy(
        lambda: Convention("trl"),
        "name='trl' is not allowed .*choose one of them, or write the loss as a Loss",
        lambda: Convention("trl-gkd"),
    ),
    Remedy(
        lambda: Convention("trl-gkd").loss(alpha=0.5),
        r"alpha=0.5 is no argument of trl-gkd \(temperature, beta, reduction\); give these",
        lambda: Convention("trl-gkd").loss(beta=0.5),
    ),
    Remedy(
        lambda: Convention("repdistiller").loss(kd_T=4),
        "alpha is not given.*give alpha, -a, on the soft labels",
        lambda: Convention("repdistiller").loss(kd_T=4, alpha=0.9),
    ),
    Remedy(
        lambda: Convention("keras").arguments(REVERSE),
        "divergence='reverse' is not allowed.*choose divergence='forward'",
        lambda: Convention("keras").arguments(replace(REVERSE, divergence="forward")),
    ),
    Remedy(
        lambda: Convention("keras").arguments(UNEQUAL),
        "teacher_temperature=2 is not allowed.*here 4.*give the same",
        lambda: Convention("keras").arguments(replace(UNEQUAL, teacher_temperature=4)),
    ),
    Remedy(
        lambda: Convention("source").arguments(replace(HINTON, hard_weight=0)),
        "hard_weight=0 is not allowed.*translate to 'hinton'",
        lambda: Convention("hinton").arguments(replace(HINTON, hard_weight=0)),
    ),
    Remedy(
        lambda: Convention("ms-swift").arguments(replace(HINTON, hard_weight=1)),
        "hard_weight=1 is not allowed",
        lambda: Convention("ms-swift").arguments(HINTON),
    ),
    Remedy(
        lambda: Convention("verl").loss(loss_mode="k1"),
        "loss_mode='k1' is not allowed.*give loss_mode='forward_kl_topk'",
        lambda: Convention("verl").loss(loss_mode="forward_kl_topk"),
    ),
]
