"""What becomes logits: the answer is that of the logits, up to what is said to be lost."""

import numpy as np
import pytest
import torch

from mvtheory.distillation import Anchor, Mean, Probabilities, TopK, advise, diagnose
from mvtheory.distillation.outputs import check_logits, softmax
from mvtheory.ensembles import advise_ensemble
from mvtheory.rows import Stored

SAMPLES, CLASSES = 300, 12


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(5)
    labels = rng.integers(CLASSES, size=SAMPLES)
    right, noise = np.eye(CLASSES)[labels], rng.standard_normal((4, SAMPLES, CLASSES))
    return {
        "labels": labels,
        "student": 2 * right + 1.5 * noise[0],
        "teacher": 3 * right + noise[1],
        "soft": 2 * right + noise[2],
        "other": 3 * right + noise[3],
    }


def advice(problem, **changed):
    given = problem | changed
    return advise(
        given["labels"],
        given["student"],
        given["teacher"],
        anchors=[Anchor(logits=given["soft"], temperature=4)],
        split=np.arange(SAMPLES) < 100,
        temperatures=[1, 4],
        hard_weights=[0, 0.5],
        diagnose=given.get("diagnose", True),
    )


def same(one, two, atol=1e-9):
    for name in ("predicted", "low", "high"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=0, atol=atol)
    for found, expected in zip(one.diagnostics, two.diagnostics, strict=True):
        assert found.name == expected.name
        assert found.observed == pytest.approx(expected.observed, rel=1e-6, abs=1e-9)


def test_log_probabilities_are_logits(problem):
    logs = {name: np.log(softmax(problem[name], 1)) for name in ("student", "teacher", "soft")}
    same(advice(problem, **logs), advice(problem))


def test_probabilities_are_those_of_the_logits(problem):
    p = {name: Probabilities(softmax(problem[name], 1)) for name in ("student", "teacher", "soft")}
    found = advice(problem, **p)
    same(found, advice(problem))
    assert found.notes == ()


def test_what_probabilities_lose_is_said(problem):
    p = softmax(8 * problem["teacher"], 1).astype(np.float16)
    found = advice(problem, teacher=Probabilities(p), diagnose=False)
    (note,) = found.notes
    share = 100 * float((p == 0).mean())
    assert share > 1
    assert note.startswith(f"teacher: {share:.2g} % of the probabilities are 0 and count as 6e-08")
    assert np.asarray(Probabilities(p)).min() == np.log(2.0**-24)


def test_probabilities_unmarked_are_refused(problem):
    with pytest.raises(ValueError, match="teacher holds probabilities"):
        advice(problem, teacher=softmax(problem["teacher"], 1))
    with pytest.raises(ValueError, match="teacher holds rows that are no probabilities"):
        advice(problem, teacher=Probabilities(problem["teacher"]))


def test_several_teachers_are_their_mean(problem):
    both = [problem["teacher"], problem["other"]]
    expected = advice(problem, teacher=sum(both) / 2)
    for teacher in (both, tuple(both), Mean(both), Mean(np.stack(both))):
        same(advice(problem, teacher=teacher), expected, atol=0)
    # The softmax of the mean at T is the geometric mean of theirs, up to its sum.
    for t in (1.0, 4.0):
        product = np.sqrt(softmax(both[0], t) * softmax(both[1], t))
        np.testing.assert_allclose(
            softmax(Mean(both)[:], t), product / product.sum(axis=1, keepdims=True), rtol=1e-12
        )


@pytest.mark.parametrize("rest", ["spread", "class"])
def test_all_but_one_class_is_nearly_all(problem, rest):
    """Of K - 1 of K classes nothing is left out: the rest is the last one, spread over one."""
    p = softmax(problem["teacher"], 1)
    order = np.argsort(-p, axis=1)[:, : CLASSES - 1]
    teacher = TopK(order, np.take_along_axis(p, order, axis=1), classes=CLASSES, rest=rest)
    if rest == "spread":
        same(advice(problem, teacher=teacher), advice(problem), atol=1e-9)
    else:
        assert teacher.shape == (SAMPLES, CLASSES + 1)
        found = advice(problem, teacher=teacher)
        assert [d.size for d in found.diagnostics if d.name == "classes present"] == [
            f"0 of {CLASSES} classes without a sample"
        ]
        assert found.teacher_accuracy == advice(problem).teacher_accuracy


def top(p, k, **given):
    order = np.argsort(-p, axis=1)[:, :k]
    return TopK(order, np.take_along_axis(p, order, axis=1), classes=p.shape[1], **given)


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_bias_of_the_largest_k_has_the_sign_that_is_said(problem, k):
    """Above T = 1 a spread rest is too flat and one class too sure, by the mass of the others."""
    p = softmax(problem["teacher"], 1)
    for t in (2.0, 8.0):
        known = np.argsort(-p, axis=1)[:, :k]
        whole, flat, sure = (
            np.take_along_axis(softmax(rows, t), known, axis=1).sum(axis=1)
            for rows in (problem["teacher"], top(p, k)[:], top(p, k, rest="class")[:])
        )
        assert (flat <= whole + 1e-12).all()
        assert (whole <= sure + 1e-12).all()
        assert flat.mean() < whole.mean() < sure.mean()
    np.testing.assert_allclose(
        np.sort(softmax(top(p, k)[:], 1.0), axis=1)[:, -1], p.max(axis=1), rtol=1e-12
    )


@pytest.mark.parametrize("rest", ["spread", "class"])
def test_logarithms_and_half_precision_are_values_too(problem, rest):
    p = softmax(problem["teacher"], 1)
    one = top(p, 3, rest=rest)
    logs = TopK(one.indices, np.log(np.take_along_axis(p, one.indices, axis=1)), classes=CLASSES,
                rest=rest)  # fmt: skip
    np.testing.assert_allclose(logs[5:9], one[5:9], rtol=1e-12)
    half = TopK(torch.tensor(one.indices), torch.tensor(np.exp(one.values)).half(),
                classes=CLASSES, rest=rest)  # fmt: skip
    np.testing.assert_allclose(softmax(half[:], 1), softmax(one[:], 1), atol=2e-3)


@pytest.mark.parametrize("rest", ["spread", "class"])
def test_students_of_the_largest_k_are_predicted(problem, rest):
    """Mixtures are of the students' logits: the teacher's rest moves only their weights, so that
    with most of its mass known the accuracies are nearly those of the whole teacher."""
    p = softmax(problem["teacher"], 1)
    teacher = top(p, 6, rest=rest)
    missing = 1 - np.exp(teacher.values).sum(axis=1).mean()
    found, whole = advice(problem, teacher=teacher), advice(problem)
    assert np.abs(found.predicted - whole.predicted).max() < missing
    if rest == "spread":
        assert found.teacher_accuracy == whole.teacher_accuracy
    else:
        largest = np.exp(teacher.values).max(axis=1) >= 1 - np.exp(teacher.values).sum(axis=1)
        right = (p.argmax(axis=1) == problem["labels"]) & largest
        assert found.teacher_accuracy == pytest.approx(right[100:].mean(), rel=1e-12)
    assert "6 of 12 classes are known" in found.notes[0]


def bfloat16(array):
    return (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def test_narrow_types_are_the_numbers_they_hold(problem):
    """Half precision and bfloat16, of numpy and of torch, without a whole copy."""
    names = ("student", "teacher", "soft")
    half = {name: problem[name].astype(np.float16) for name in names}
    wide = {name: array.astype(np.float32) for name, array in half.items()}
    same(advice(problem, **half), advice(problem, **wide), atol=0)
    bits = {name: Stored(bfloat16(problem[name]), bfloat16=True) for name in names}
    tensors = {name: torch.tensor(bits[name][:]).to(torch.bfloat16) for name in names}
    wide = {name: bits[name][:] for name in names}
    same(advice(problem, **bits), advice(problem, **wide), atol=0)
    same(advice(problem, **tensors), advice(problem, **wide), atol=0)
    assert isinstance(check_logits("student", tensors["student"]), Stored)


def test_half_precision_is_widened_exactly():
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    for numbers in (every, every[np.isfinite(every)]):
        found, expected = Stored(numbers)[:], numbers.astype(np.float32)
        np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


def test_members_of_ensembles_come_so_too(problem):
    members = np.stack([problem[name] for name in ("student", "teacher", "soft")])
    expected = advise_ensemble(problem["labels"], members.astype(np.float16).astype(float))
    found = advise_ensemble(problem["labels"], members.astype(np.float16))
    np.testing.assert_allclose(found.accuracy, expected.accuracy, rtol=1e-12)
    logs = [Probabilities(softmax(one, 1)) for one in members]
    expected = advise_ensemble(problem["labels"], members)
    np.testing.assert_allclose(
        advise_ensemble(problem["labels"], logs).accuracy, expected.accuracy, rtol=1e-12
    )


def test_other_functions_take_them(problem):
    p = softmax(problem["teacher"], 1)
    one = diagnose(problem["labels"], problem["student"], Probabilities(p), 4.0)
    two = diagnose(problem["labels"], problem["student"], problem["teacher"], 4.0)
    for found, expected in zip(one, two, strict=True):
        assert found.observed == pytest.approx(expected.observed, rel=1e-9, abs=1e-12)
