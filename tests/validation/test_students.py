"""Data for distillation, teachers, and students that are trained at once."""

import dataclasses
import math

import numpy as np
import pytest

from validation.data import Labelled, ManyClasses, split_digits
from validation.experiments.students.networks import train_students, train_teacher
from validation.training.optimizer import Optimizer

PROBLEM = ManyClasses(classes=10, dimension=12, noise=0.8, seed=3)
CONDITIONS = [(1.0, 0.0), (4.0, 0.0), (4.0, 0.6), (4.0, 1.0)]
SETTING = {
    "hidden": 16,
    "optimizer": Optimizer(method="adam", rate=0.01, final=0.1),
    "steps": 60,
    "batch": 20,
}

pytestmark = pytest.mark.usefixtures("one_thread")


def seeds(count: int, entropy: int = 5) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(entropy, spawn_key=(n,)) for n in range(count)]


@pytest.fixture(scope="module")
def data() -> tuple[Labelled, Labelled]:
    rng = np.random.default_rng(0)
    return PROBLEM.sample(100, rng), PROBLEM.sample(2000, rng)


@pytest.fixture(scope="module")
def teacher(data) -> list[np.ndarray]:
    own = PROBLEM.sample(2000, np.random.default_rng(1))
    setting = SETTING | {"hidden": 64, "steps": 400, "batch": 50}
    return train_teacher(own, 10, [d.inputs for d in data], seeds(3, 9), **setting)


def students(data, teacher, conditions=CONDITIONS, count=3, **changed):
    training, test = data
    return train_students(
        training, test.inputs, teacher[0], conditions, seeds(count), **(SETTING | changed)
    )


def accuracy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return (logits.argmax(-1) == labels).mean(-1)


def test_many_classes_have_the_moments_of_their_definition():
    problem = ManyClasses(classes=6, dimension=3, clusters=2, noise=0.5, seed=8)
    inputs, labels = problem.sample(60_000, np.random.default_rng(2))
    assert inputs.dtype == np.float32
    scale = math.sqrt(2 * 0.8**2 + 0.5**2)
    noise = 0.5 / scale
    for label in range(6):
        own = inputs[labels == label].astype(float)
        assert abs(len(own) - 10_000) < 5 * math.sqrt(60_000 * 5 / 36)
        centres = problem.centres[label] / scale
        between = (centres[0] - centres[1]) / 2
        deviation = np.sqrt(between**2 + noise**2)
        off = np.abs(own.mean(axis=0) - centres.mean(axis=0))
        assert (off < 5 * deviation / math.sqrt(len(own))).all()
        # The fourth moment of two clusters is at most thrice the squared variance.
        expected = np.outer(between, between) + noise**2 * np.eye(3)
        error = np.sqrt(2 / len(own)) * np.outer(deviation, deviation)
        assert (np.abs(np.cov(own.T) - expected) < 5 * error).all()


def test_many_classes_have_unit_variance_and_share_centres_in_groups():
    problem = ManyClasses(classes=100, dimension=200, noise=0.5, seed=8)
    inputs, _ = problem.sample(2000, np.random.default_rng(2))
    # 20 groups x 200 dimensions, the fewest independent draws, carry less than half the variance.
    assert inputs.var() == pytest.approx(1, abs=5 * 0.5 * math.sqrt(2 / 4000))
    means = problem.centres.mean(axis=1)
    correlation = np.corrcoef(means)
    # Of the variance .64 (1 + 1/3) of a class's mean, .64 is its group's.
    alike = correlation[np.arange(80), np.arange(20, 100)]
    assert alike.mean() == pytest.approx(0.75, abs=0.05)
    assert abs(correlation[np.arange(99), np.arange(1, 100)].mean()) < 0.05


def test_many_classes_follow_their_seeds():
    one, same = (PROBLEM.sample(5, np.random.default_rng(7)) for _ in range(2))
    other = dataclasses.replace(PROBLEM, seed=4).sample(5, np.random.default_rng(7))
    np.testing.assert_array_equal(one.inputs, same.inputs)
    np.testing.assert_array_equal(one.labels, other.labels)
    assert not np.array_equal(one.inputs, other.inputs)


@pytest.mark.parametrize(
    "wrong", [{"classes": 1}, {"dimension": 0}, {"clusters": 2.5}, {"seed": -1}, {"noise": -0.1}]
)
def test_wrong_many_classes_are_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name}=.* is not allowed .*; choose"):
        ManyClasses(**({"classes": 5, "dimension": 4} | wrong))


def test_digits_are_split_by_the_seed_without_common_images():
    parts = split_digits(training=300, teacher=900, seed=4)
    sizes = [len(part.labels) for part in (parts.training, parts.teacher, parts.test)]
    assert sizes == [300, 900, 597]
    inputs = np.concatenate([parts.training.inputs, parts.teacher.inputs, parts.test.inputs])
    labels = np.concatenate([parts.training.labels, parts.teacher.labels, parts.test.labels])
    assert inputs.shape == (1797, 64)
    assert inputs.dtype == np.float32
    # Sums of 10^5 single-precision numbers of unit order, each off by half a rounding at most.
    assert inputs.mean(dtype=float) == pytest.approx(0, abs=2**-23)
    assert inputs.var(dtype=float) == pytest.approx(1, abs=2**-21)
    # The images of every class, as scikit-learn's documentation counts them.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    # No image occurs twice in the set, so none is lost or doubled by the split.
    assert len(np.unique(inputs, axis=0)) == 1797
    again, other = split_digits(300, 900, seed=4), split_digits(300, 900, seed=5)
    np.testing.assert_array_equal(again.test.inputs, parts.test.inputs)
    assert not np.array_equal(other.training.labels, parts.training.labels)
    with pytest.raises(ValueError, match="training=900, teacher=897 are not allowed"):
        split_digits(900, 897, seed=0)


def test_students_learn_and_a_good_teacher_helps(data, teacher):
    (training, test), trained = data, students(data, teacher, count=6, steps=200)
    assert trained.training.shape == (6, 4, 100, 10)
    assert trained.test.shape == (6, 4, 2000, 10)
    assert accuracy(teacher[1], test.labels) > 0.8
    assert (accuracy(trained.training, training.labels) > 0.6).all()
    right = accuracy(trained.test, test.labels)
    gain = right[:, 2] - right[:, 0]
    assert gain.mean() > 3 * gain.std(ddof=1) / math.sqrt(6)


def test_conditions_of_a_seed_are_paired_and_seeds_differ(data, teacher):
    trained = students(data, teacher)
    # At w = 0 the temperature is not heard: the same weights and batches give the same bits.
    np.testing.assert_array_equal(trained.test[:, 0], trained.test[:, 1])
    assert not np.array_equal(trained.test[:, 1], trained.test[:, 2])
    assert not np.array_equal(trained.test[0], trained.test[1])


def test_a_student_depends_on_its_seed_and_condition_alone(data, teacher):
    trained = students(data, teacher)
    fewer = students(data, teacher, conditions=CONDITIONS[2:3], count=2)
    np.testing.assert_array_equal(fewer.test[:, 0], trained.test[:2, 2])
    np.testing.assert_array_equal(fewer.training[:, 0], trained.training[:2, 2])


def test_a_teacher_averages_its_networks(data):
    own = PROBLEM.sample(100, np.random.default_rng(1))
    asked = [data[1].inputs]
    (both,) = train_teacher(own, 10, asked, seeds(2), **SETTING)
    alone = [train_teacher(own, 10, asked, [seed], **SETTING)[0] for seed in seeds(2)]
    # One sum and one division, each rounded to single precision.
    np.testing.assert_allclose(both, (alone[0] + alone[1]) / 2, rtol=2**-22, atol=2**-22)
    assert not np.array_equal(*alone)


def test_wrong_inputs_are_refused(data, teacher):
    training, test = data
    with pytest.raises(ValueError, match="teacher_logits has 99 rows for 100 training inputs"):
        students(data, [teacher[0][1:]])
    with pytest.raises(ValueError, match="teacher_logits holds probabilities"):
        students(data, [np.full((100, 10), 0.1)])
    with pytest.raises(ValueError, match=r"test_inputs of shape \(2000, 11\) is not allowed"):
        students((training, Labelled(test.inputs[:, 1:], test.labels)), teacher)
    with pytest.raises(ValueError, match=r"labels\[\d+\]=\d is not allowed"):
        students(data, [teacher[0][:, :6]])
    with pytest.raises(ValueError, match=r"soft_weight=1\.2 is not allowed"):
        students(data, teacher, conditions=[(2.0, 1.2)])
    with pytest.raises(ValueError, match=r"temperature=0\.0 is not allowed"):
        students(data, teacher, conditions=[(0.0, 0.2)])
    with pytest.raises(ValueError, match=r"temperature=.* give at least one value"):
        students(data, teacher, conditions=[])
    with pytest.raises(ValueError, match="seeds is empty"):
        students(data, teacher, count=0)
    with pytest.raises(ValueError, match="steps=0 is not allowed"):
        students(data, teacher, steps=0)
    with pytest.raises(ValueError, match=r"batch=101 is not in \[1, samples=100\]"):
        students(data, teacher, batch=101)
