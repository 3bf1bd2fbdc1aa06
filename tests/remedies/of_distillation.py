"""Errors of distillation."""

import numpy as np
import torch
from losses_of_distillation import LOSSES
from remedy import Remedy

from mvtheory.distillation import (
    Anchor,
    Balance,
    Mean,
    TopK,
    accuracy,
    advise,
    chi_measured,
    compare,
    decomposition,
    diagnose,
    dual_outputs,
    estimate,
    fit_generalized_wishart,
    gain_from_edges,
    gain_measured,
    generalized_wishart_of_outputs,
    h_eigenvalues,
    h_matrix,
    h_spectrum,
    kolmogorov_distance,
    linear,
    logit_gradient,
    loss,
)
from mvtheory.laws import GeneralizedWishart, Semicircle

PLACES = ("mvtheory/distillation",)
N, K = 60, 4
RNG = np.random.default_rng(0)
LABELS = RNG.integers(K, size=N)
NOISE = RNG.standard_normal((3, N, K))
STUDENT, TEACHER, SOFT = (s * np.eye(K)[LABELS] + n for s, n in zip((2, 3, 2), NOISE, strict=True))
SPLIT = np.arange(N) < 20
NAMES = np.array(["eel", "dog", "cat", "ant"])
LAW = GeneralizedWishart(aspect_ratio=0.5, correlation=0.2)
VALUES = LAW.ppf((np.arange(20) + 0.5) / 20)


def anchors(logits=SOFT):
    return [Anchor(logits=logits, temperature=4)]


def advice(labels=LABELS, student=STUDENT, teacher=TEACHER, **given):
    return advise(labels, student, teacher, **({"temperatures": [4]} | given))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def logs(p):
    return np.log(np.maximum(np.asarray(p, dtype=float), 1e-30))


def changed(rows, place, value):
    found = rows.copy()
    found[place] = value
    return found


P = softmax(TEACHER)
HALF = torch.tensor(P).to(torch.bfloat16)
WITH_ZEROS = np.where(softmax(3 * STUDENT) < 1e-3, 0, softmax(3 * STUDENT))
WITH_ZEROS[0] = np.eye(K)[(LABELS[0] + 1) % K]  # also at a label
WITH_ZEROS /= WITH_ZEROS.sum(axis=1, keepdims=True)
TOP = np.where(np.sort(P, axis=1)[:, -3, None] <= P, P, 0)
SPREAD = TOP + (TOP == 0) * (1 - TOP.sum(axis=1, keepdims=True)) / 1
SIGMOIDS = 1 / (1 + np.exp(-TEACHER))
CLIPPED = np.clip(SIGMOIDS, 1e-7, 1 - 1e-7)
MASKED = changed(STUDENT, (3, LABELS[3]), -np.inf)
WIDE = np.insert(STUDENT, K, -np.inf, axis=1), np.insert(TEACHER, K, -np.inf, axis=1)
KEPT = np.arange(N) != 3
LARGE = np.zeros((2, 12_000))
LARGE[[0, 1], [5, 7]] = 3.0
SINGLE = TEACHER[:, 1] - TEACHER[:, 0]
BINARY = (SINGLE > 0).astype(int)
MEMBERS = np.stack([STUDENT, TEACHER, SOFT])
TOKENS = np.stack([TEACHER, SOFT], axis=1)  # (N, 2, K)
ESTIMATE = {"classes": 10, "student_accuracy": 0.6, "soft_weight": 0.8, "chi": 1.1}


def two_of(z):
    return np.stack([np.zeros_like(z), z], axis=1)


REMEDIES = [
    *LOSSES,
    Remedy(
        lambda: advice(objective="nll"),
        r"objective='nll' is not allowed \(accuracy, .*name the measure",
        lambda: advice(objective="log loss"),
    ),
    # Labels.
    Remedy(
        lambda: accuracy(0.9 * np.eye(K)[LABELS], STUDENT),
        r"labels of shape \(60, 4\).*labels.argmax\(axis=1\)",
        lambda: accuracy((0.9 * np.eye(K)[LABELS]).argmax(axis=1), STUDENT),
    ),
    Remedy(
        lambda: accuracy(LABELS[:, None], STUDENT),
        r"labels.ravel\(\) of one column",
        lambda: accuracy(LABELS[:, None].ravel(), STUDENT),
    ),
    Remedy(
        lambda: accuracy(np.array(list("abcd"))[LABELS], STUDENT),
        r"type <U1.*np.unique\(labels, return_inverse=True\)\[1\]",
        lambda: accuracy(
            np.unique(np.array(list("abcd"))[LABELS], return_inverse=True)[1], STUDENT
        ),
    ),
    Remedy(
        lambda: advice(labels=changed(LABELS, 3, -100)),
        r"labels\[3\]=-100 .*-100 is PyTorch's index .*keep = labels != -100",
        lambda: advice(labels=LABELS[KEPT], student=STUDENT[KEPT], teacher=TEACHER[KEPT]),
    ),
    Remedy(
        lambda: loss(LABELS + 1, STUDENT, TEACHER, temperature=4, soft_weight=0.5),
        r"labels\[\d+\]=4 .*count the classes from 0 \(labels - labels.min\(\)\)",
        lambda: loss(
            LABELS + 1 - (LABELS + 1).min(), STUDENT, TEACHER, temperature=4, soft_weight=0.5
        ),
    ),
    Remedy(
        lambda: advice(labels=LABELS[:-1]),
        "labels has 59 samples, the outputs have 60; give the same samples",
        lambda: advice(labels=LABELS[:-1], student=STUDENT[:-1], teacher=TEACHER[:-1]),
    ),
    Remedy(
        lambda: advice(labels=changed(LABELS, 3, K), student=WIDE[0], teacher=WIDE[1], anchors=()),
        r"labels\[3\]=4 .*mask in every row.*keep = labels != 4",
        lambda: advice(labels=LABELS[KEPT], student=WIDE[0][KEPT], teacher=WIDE[1][KEPT]),
    ),
    Remedy(
        lambda: advice(student=MASKED),
        r"student at \[3\] masks class \d, the label .*drop that sample everywhere",
        lambda: advice(labels=LABELS[KEPT], student=MASKED[KEPT], teacher=TEACHER[KEPT]),
    ),
    Remedy(
        lambda: Balance(
            labels=LABELS,
            student=changed(STUDENT, (3, LABELS[3]), -1e9),
            teacher=TEACHER,
            anchors=anchors(changed(SOFT, (3, LABELS[3]), -1e9)),
        ),
        r"student and anchors\[0\].logits at \[3\] masks class \d.*or do not mask its class",
        lambda: Balance(
            labels=LABELS, student=STUDENT, teacher=TEACHER, anchors=anchors()
        ).coefficients(2, 0.5),
    ),
    Remedy(
        lambda: advice(
            student=np.log(WITH_ZEROS, where=WITH_ZEROS > 0, out=np.full_like(WITH_ZEROS, -np.inf))
        ),
        r"logarithms of probabilities, some of them 0, give np.log\(np.maximum\(p, 1e-30\)\)",
        lambda: advice(student=logs(WITH_ZEROS)),
    ),
    # Rows.
    Remedy(
        lambda: advice(teacher=[["1", "2", "3", "0"]] * N),
        r"teacher of type <U1.*numpy.asarray\(teacher, dtype=float\)",
        lambda: advice(teacher=np.asarray([["1", "2", "3", "0"]] * N, dtype=float)),
    ),
    Remedy(
        lambda: advice(teacher=TEACHER + 0j),
        "teacher of type complex128.*give teacher.real if that is meant",
        lambda: advice(teacher=(TEACHER + 0j).real),
    ),
    Remedy(
        lambda: accuracy([2, 2], np.where(np.arange(K) == 2, TEACHER[:2], -np.inf)),
        "mask all classes but 2.*give rows of several classes",
        lambda: accuracy([2, 2], TEACHER[:2]),
    ),
    Remedy(
        lambda: advice(labels=BINARY, student=SINGLE, teacher=two_of(2 * SINGLE)),
        r"student of shape \(60,\).*np.stack\(\[np.zeros_like\(z\), z\], axis=1\)",
        lambda: advice(labels=BINARY, student=two_of(SINGLE), teacher=two_of(2 * SINGLE)),
    ),
    Remedy(
        lambda: accuracy([1], TEACHER[0]),
        r"logits of shape \(4,\).*of one sample give z\[None\]",
        lambda: accuracy([1], TEACHER[0][None]),
    ),
    Remedy(
        lambda: diagnose(BINARY, SINGLE[:, None], SINGLE[:, None]),
        r"student of shape \(60, 1\).*z\], axis=1\), z = z\[:, 0\]",
        lambda: diagnose(BINARY, *2 * [two_of(SINGLE[:, None][:, 0])]),
    ),
    Remedy(
        lambda: advice(teacher=MEMBERS),
        r"teacher of shape \(3, 60, 4\).*of 3 members give their mean, .mean\(axis=0\)",
        lambda: advice(teacher=MEMBERS.mean(axis=0)),
    ),
    Remedy(
        lambda: loss(
            np.stack([LABELS, LABELS], axis=1), TOKENS, TOKENS, temperature=4, soft_weight=0.5
        ),
        r"student of shape \(60, 2, 4\).*of tokens give .reshape\(-1, 4\), with labels.reshape\(-1",
        lambda: loss(
            np.stack([LABELS, LABELS], axis=1).reshape(-1),
            TOKENS.reshape(-1, 4),
            TOKENS.reshape(-1, 4),
            temperature=4,
            soft_weight=0.5,
        ),
    ),
    Remedy(
        lambda: dual_outputs(TOKENS[None], temperature=4, soft_weight=0.5),
        r"student of shape \(1, 60, 2, 4\).*give .reshape\(-1, 4\)",
        lambda: dual_outputs(TOKENS[None].reshape(-1, 4), temperature=4, soft_weight=0.5),
    ),
    Remedy(
        lambda: accuracy([], np.empty((0, K))),
        r"logits of shape \(0, 4\).*give at least one sample",
        lambda: accuracy([1], TEACHER[:1]),
    ),
    Remedy(
        lambda: advice(teacher=TEACHER.T),
        r"teacher of shape \(4, 60\).*transpose it",
        lambda: advice(teacher=TEACHER.T.T),
    ),
    Remedy(
        lambda: advice(student=changed(STUDENT, (3, 1), np.nan)),
        r"student\[3\] is not finite.*remove that sample everywhere",
        lambda: advice(labels=LABELS[KEPT], student=STUDENT[KEPT], teacher=TEACHER[KEPT]),
    ),
    Remedy(
        lambda: advice(student=changed(STUDENT, 3, -np.inf)),
        r"student\[3\] masks every class .*remove that sample everywhere",
        lambda: advice(labels=LABELS[KEPT], student=STUDENT[KEPT], teacher=TEACHER[KEPT]),
    ),
    Remedy(
        lambda: advice(teacher=TEACHER + 1e20),
        r"teacher holds 1e\+20.*subtract the largest of each row",
        lambda: advice(teacher=(TEACHER + 1e20) - (TEACHER + 1e20).max(axis=1, keepdims=True)),
    ),
    # What is no logits, and no probabilities.
    Remedy(
        lambda: advice(teacher=HALF),
        r"teacher holds probabilities .*np.log\(np.maximum\(p, 1e-30\)\) of the probabilities p",
        lambda: advice(teacher=logs(HALF.double())),
    ),
    Remedy(
        lambda: advice(teacher=P, anchors=anchors(), split=SPLIT),
        "the numbers before the softmax",
        lambda: advice(anchors=anchors(), split=SPLIT),
    ),
    Remedy(
        lambda: advice(student=WITH_ZEROS, anchors=anchors(WITH_ZEROS), split=SPLIT),
        "np.log of the probabilities without zeros",
        lambda: advice(student=logs(WITH_ZEROS), anchors=anchors(logs(WITH_ZEROS)), split=SPLIT),
    ),
    Remedy(
        lambda: diagnose(LABELS, STUDENT, 100 * P),
        r"teacher holds percentages .*divide by 100 and give np.log",
        lambda: diagnose(LABELS, STUDENT, logs(100 * P / 100)),
    ),
    Remedy(
        lambda: h_spectrum(LABELS, P + softmax(STUDENT) + softmax(SOFT)),
        r"student_logits holds probabilities times 3, of 3 networks .*divide by 3 and give np.log",
        lambda: h_spectrum(LABELS, logs((P + softmax(STUDENT) + softmax(SOFT)) / 3)),
    ),
    Remedy(
        lambda: gain_measured(LABELS, STUDENT, SIGMOIDS, 4),
        r"teacher holds sigmoids .*np.log\(p / \(1 - p\)\) with p = np.clip\(p, 1e-7, 1 - 1e-7\)",
        lambda: gain_measured(LABELS, STUDENT, np.log(CLIPPED / (1 - CLIPPED)), 4),
    ),
    Remedy(
        lambda: logit_gradient(LABELS, STUDENT, TOP, temperature=4, soft_weight=0.5),
        r"teacher holds the 3 largest .*spread the rest, p \+ \(p == 0\) \* \(1 - p.sum",
        lambda: logit_gradient(LABELS, STUDENT, logs(SPREAD), temperature=4, soft_weight=0.5),
    ),
    Remedy(
        lambda: advice(teacher=np.eye(K)[LABELS]),
        "logits that only look so can be given minus 1",
        lambda: advice(teacher=np.eye(K)[LABELS] - 1),
    ),
    Remedy(
        lambda: h_matrix(LABELS, STUDENT),
        "perhaps logits; give softmax rows, or the logits together with a temperature",
        lambda: (h_matrix(LABELS, softmax(STUDENT)), h_matrix(LABELS, STUDENT, 1.0)),
    ),
    Remedy(
        lambda: h_matrix(LABELS, 100 * P),
        r"but percentages .*divide each row by its sum, p / p.sum\(axis=1, keepdims=True\)",
        lambda: h_matrix(LABELS, 100 * P / (100 * P).sum(axis=1, keepdims=True)),
    ),
    Remedy(
        lambda: h_matrix(LABELS, changed(TOP, 3, 0)),
        "row 3 is 0; remove that sample everywhere",
        lambda: h_matrix(LABELS[KEPT], TOP[KEPT] / TOP[KEPT].sum(axis=1, keepdims=True)),
    ),
    # The loss.
    Remedy(
        lambda: loss(LABELS, MASKED, TEACHER, temperature=4, soft_weight=1.0),
        r"student\[3\] masks a class by -inf .*mask it in the teacher too",
        lambda: loss(
            LABELS,
            MASKED,
            changed(TEACHER, (3, LABELS[3]), -np.inf),
            temperature=4,
            soft_weight=1.0,
        ),
    ),
    Remedy(
        lambda: loss(LABELS, MASKED, TEACHER, temperature=4, soft_weight=1.0),
        "or give it a finite logit in the student",
        lambda: loss(LABELS, STUDENT, TEACHER, temperature=4, soft_weight=1.0),
    ),
    Remedy(
        lambda: loss(LABELS, 1e307 * SOFT, TEACHER, temperature=1e-3, soft_weight=0.5),
        r"gaps up to 1e300 times it\); mend the network",
        lambda: loss(LABELS, SOFT, TEACHER, temperature=1e-3, soft_weight=0.5),
    ),
    # Matrices and spectra.
    Remedy(
        lambda: h_matrix(LABELS, STUDENT, 1.0, centre="median"),
        "'uniform' or 'mean'.*choose one of them",
        lambda: h_matrix(LABELS, STUDENT, 1.0, centre="mean"),
    ),
    Remedy(
        lambda: h_matrix([5, 7], LARGE, 1.0),
        r"of 2 samples and 12000 classes .*take the eigenvalues of h_spectrum",
        lambda: h_spectrum([5, 7], LARGE, draws=0).eigenvalues,
    ),
    Remedy(
        lambda: h_eigenvalues([[1.0]]),
        r"matrix of shape \(1, 1\).*give h_matrix\(\.\.\.\)",
        lambda: h_eigenvalues(h_matrix(LABELS, STUDENT, 1.0)),
    ),
    Remedy(
        lambda: kolmogorov_distance(LAW, h_matrix(LABELS, STUDENT, 1.0)),
        r"eigenvalues of shape \(4, 4\).*give h_eigenvalues\(h_matrix\(\.\.\.\)\)",
        lambda: kolmogorov_distance(LAW, h_eigenvalues(h_matrix(LABELS, STUDENT, 1.0))),
    ),
    Remedy(
        lambda: compare(np.linspace(-1, 1, 12_000), {"law": Semicircle(variance=1.0)}, draws=1),
        "12000 x 12000 takes .* give draws=0",
        lambda: compare(np.linspace(-1, 1, 12_000), {"law": Semicircle(variance=1.0)}, draws=0),
    ),
    Remedy(
        lambda: gain_measured(LABELS, np.roll(STUDENT, 1, axis=1), TEACHER, 4),
        "give a student that has learned something",
        lambda: gain_measured(LABELS, STUDENT, TEACHER, 4),
    ),
    Remedy(
        lambda: fit_generalized_wishart([1.0, 1.0], 10),
        "at least 2 different numbers",
        lambda: fit_generalized_wishart([1.0, 1.1], 10),
    ),
    Remedy(
        lambda: fit_generalized_wishart(VALUES, 40, by="eye"),
        "'moments' or 'edges'.*choose one",
        lambda: fit_generalized_wishart(VALUES, 40, by="edges"),
    ),
    Remedy(
        lambda: generalized_wishart_of_outputs(LABELS, np.zeros((N, K)), 1.0),
        "give a lower temperature, or outputs that depend on the sample",
        lambda: generalized_wishart_of_outputs(LABELS, STUDENT, 1.0),
    ),
    Remedy(
        lambda: generalized_wishart_of_outputs(LABELS, 1e-11 * STUDENT, 1e3),
        "give a lower temperature",
        lambda: generalized_wishart_of_outputs(LABELS, 1e-11 * STUDENT, 1e-3),
    ),
    Remedy(
        lambda: gain_from_edges(2.0, 1.0, aspect_ratio=0.1),
        "low < high.*give the least and the largest eigenvalue",
        lambda: gain_from_edges(*LAW.support[0], aspect_ratio=0.5),
    ),
    Remedy(
        lambda: gain_from_edges(torch.tensor(1.0), 0.5, aspect_ratio=0.1),
        "low < high.*give the least and the largest eigenvalue",
        lambda: gain_from_edges(*map(torch.tensor, LAW.support[0]), aspect_ratio=0.5),
    ),
    Remedy(
        lambda: gain_from_edges(1.0, 1.01, aspect_ratio=0.5),
        r"check that the aspect ratio is \(K-1\)/N",
        lambda: gain_from_edges(*LAW.support[0], aspect_ratio=0.5),
    ),
    # The estimator.
    Remedy(
        lambda: estimate(**ESTIMATE, form="best"),
        "choose one of them",
        lambda: estimate(**ESTIMATE, form="test"),
    ),
    Remedy(
        lambda: estimate(**ESTIMATE, form="dual"),
        "gain=None .*measure it with gain_measured",
        lambda: estimate(**ESTIMATE, form="dual", gain=gain_measured(LABELS, STUDENT, TEACHER, 4)),
    ),
    Remedy(
        lambda: estimate(**ESTIMATE, form="printed", gain=0.5),
        "give the temperature of the distillation",
        lambda: estimate(**ESTIMATE, form="printed", gain=0.5, temperature=4),
    ),
    Remedy(
        lambda: estimate(
            **(ESTIMATE | {"soft_weight": 1}), form="printed", gain=0.5, temperature=4
        ),
        "use the form 'dual' or 'test'",
        lambda: (
            estimate(**(ESTIMATE | {"soft_weight": 1}), form="dual", gain=0.5),
            estimate(**(ESTIMATE | {"soft_weight": 1}), form="test"),
        ),
    ),
    Remedy(
        lambda: chi_measured(0.65, 0.1, classes=10),
        "give one that has learned something",
        lambda: chi_measured(0.65, 0.6, classes=10),
    ),
    # Anchors and advice.
    Remedy(
        lambda: Anchor(logits=SOFT, temperature=4, hard_weight=1),
        "a student of hard labels alone is the argument student",
        lambda: advice(student=STUDENT),
    ),
    Remedy(
        lambda: linear(SOFT, 4, 0.5),
        r"write \[Anchor\(logits=logits, temperature=4\)\]",
        lambda: linear([Anchor(logits=SOFT, temperature=4)], 4, 0.5),
    ),
    Remedy(
        lambda: Anchor(logits=SOFT, temperature=[4, 8]),
        "give one number",
        lambda: Anchor(logits=SOFT, temperature=4),
    ),
    Remedy(
        lambda: advice(same_start="no"),
        "True or False",
        lambda: advice(same_start=False),
    ),
    Remedy(
        lambda: advice(temperatures=[[1, 2], [4, 8]]),
        "give a flat list of numbers",
        lambda: advice(temperatures=[1, 2, 4, 8]),
    ),
    Remedy(
        lambda: advice(temperatures=[2, 4, 2]),
        "it is given 2 times: give it once",
        lambda: advice(temperatures=[2, 4]),
    ),
    Remedy(
        lambda: advice(anchors=anchors(), betas=[0, 1]),
        r"betas with 1 is not allowed \(0 to 0.*train one and give it as Anchor\(..., beta=1\)",
        lambda: advice(
            anchors=[*anchors(), Anchor(logits=TEACHER, temperature=4, beta=1)], betas=[0, 1]
        ),
    ),
    Remedy(
        lambda: advice(split=np.arange(1, N + 1)),
        "split holds 1 to 60.*count the samples from 0",
        lambda: advice(split=np.arange(20)),
    ),
    Remedy(
        lambda: advice(split=SPLIT.astype(int)),
        "give each once, or booleans",
        lambda: advice(split=SPLIT.astype(int).astype(bool)),
    ),
    Remedy(
        lambda: advice(split=SPLIT.astype(float)),
        "mark the samples on which the students were trained",
        lambda: advice(split=SPLIT),
    ),
    Remedy(
        lambda: advice(split=np.ones(N, bool)),
        "some but not all",
        lambda: advice(split=SPLIT),
    ),
    Remedy(
        lambda: decomposition(
            LABELS, STUDENT, TEACHER, temperature=4, soft_weight=0.5, prediction_temperature=[1.0]
        ),
        "prediction_temperature=.*give one number",
        lambda: decomposition(
            LABELS, STUDENT, TEACHER, temperature=4, soft_weight=0.5, prediction_temperature=1.0
        ),
    ),
    # what becomes labels and logits
    Remedy(
        lambda: advice(NAMES[LABELS]),
        "are names, such as .*give classes=, the names in the order",
        lambda: advice(NAMES[LABELS], classes=NAMES),
    ),
    Remedy(
        lambda: advice(NAMES[LABELS], classes=["a", "a", "b", "c"]),
        "one name a class, each once.*give a flat list",
        lambda: advice(NAMES[LABELS], classes=list(NAMES)),
    ),
    Remedy(
        lambda: advice(NAMES[LABELS], classes=NAMES[1:]),
        "are 3 names, the outputs have 4 classes; give classes= all names",
        lambda: advice(NAMES[LABELS], classes=NAMES),
    ),
    Remedy(
        lambda: advice(changed(NAMES[LABELS], 3, "x"), classes=NAMES),
        r"labels\[3\]=.*one of the 4 names in classes.*drop that sample",
        lambda: advice(changed(NAMES[LABELS], 3, "x"), classes=NAMES, ignore_index="x"),
    ),
    Remedy(
        lambda: advice(np.eye(K)[LABELS], ignore_index=-100),
        r"ignore_index=-100 is not allowed with labels of shape .*labels.reshape\(-1\)",
        lambda: advice(LABELS[:, None].reshape(-1), ignore_index=-100),
    ),
    Remedy(
        lambda: advice(np.full(N, -1), ignore_index=-1),
        "leaves no sample.*give the label of those to be left out",
        lambda: advice(changed(LABELS, 0, -1), ignore_index=-1),
    ),
    Remedy(
        lambda: Mean([]),
        "n >= 1 arrays.*give a list of them",
        lambda: advice(teacher=Mean([TEACHER, SOFT])),
    ),
    Remedy(
        lambda: TopK([[0]], [[0.9]], classes=2, rest="all"),
        "'spread' or 'class'.*choose one",
        lambda: TopK([[0]], [[0.9]], classes=2, rest="class"),
    ),
    Remedy(
        lambda: TopK([[0, 1]], [[0.9]], classes=4),
        r"both \(N, k\), with k < classes=4",
        lambda: TopK([[0]], [[0.9]], classes=4),
    ),
    Remedy(
        lambda: TopK([[1, 4]], [[0.5, 0.4]], classes=4),
        "whole numbers from 0 to 3.*count classes from 0",
        lambda: TopK([[0, 3]], [[0.5, 0.4]], classes=4),
    ),
    Remedy(
        lambda: TopK([[1, 1]], [[0.5, 0.4]], classes=4),
        "name a class twice.*drop what is double",
        lambda: TopK([[1]], [[0.5]], classes=4),
    ),
    Remedy(
        lambda: TopK([[1, 0]], [[3.0, 1.0]], classes=4),
        "give probabilities, or their logarithms: logits less",
        lambda: TopK(
            [[1, 0]], np.array([[3.0, 1.0]]) - np.logaddexp.reduce([3.0, 1.0, 0, 0]), classes=4
        ),
    ),
]
