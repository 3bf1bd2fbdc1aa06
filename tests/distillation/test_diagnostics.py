"""Hypotheses are found true of samples that satisfy them, false of samples that do not."""

import numpy as np
import pytest
from scipy import stats

from mvtheory.distillation import outputs
from mvtheory.distillation.class_means import entries, frequencies, measure, spread
from mvtheory.distillation.diagnostics import diagnose
from mvtheory.distillation.hypothesis import judged
from mvtheory.laws import PoissonDirichlet


def exchangeable(samples=3000, classes=12, seed=0, signal=(2.0, 3.0)):
    """Labels, student and teacher: independent noise, the same for all classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    right = np.eye(classes)[labels]
    student, teacher = (s * right + rng.normal(size=(samples, classes)) for s in signal)
    return labels, student, teacher


def by_name(found):
    assert len({f.name for f in found}) == len(found)
    for f in found:
        assert np.isfinite([f.observed, f.expected, f.standard_error]).all()
        assert f.verdict.startswith("holds: " if f.holds else "does not hold: ")
        assert f.name in str(f)
        assert f.hypothesis in str(f)
    return {f.name: f for f in found}


CLASSWISE = [
    "class frequencies",
    "student's accuracy by class",
    "student's P(label) by class at T = 1",
    "student's wrong classes at T = 1",
    "student's participation number at T = 1",
]


def test_exchangeable_classes_and_free_networks_hold():
    found = by_name(diagnose(*exchangeable()))
    for name in CLASSWISE:
        assert found[name].holds, found[name]
        assert found[name.replace("student", "teacher")].holds, found[name]
    assert found["gain at T = 1"].holds
    for name in ("samples", "classes present", "teacher above chance", "teacher above student"):
        assert found[name].holds
    # Rows of classifiers are not rotation invariant, nor are labels: K^2 - 3K + 3 over K - 1.
    assert found["labels' kurtosis"].observed == pytest.approx(111 / 11)
    for name in ("labels' kurtosis", "student's kurtosis at T = 1", "student's norms at T = 1"):
        assert not found[name].holds


def test_classes_that_are_not_alike_are_told_with_their_size():
    labels, student, teacher = exchangeable()
    # Class 0 is harder: accuracy and P(label) fall.
    student[labels == 0, 0] -= 1.5
    found = by_name(diagnose(labels, student, teacher))
    for name in CLASSWISE[1:3]:
        assert not found[name].holds
    assert found["teacher's accuracy by class"].holds
    label, accuracy = labels == 0, student.argmax(axis=1) == labels
    means = [accuracy[labels == c].mean() for c in range(12)]
    assert accuracy[label].mean() < 0.3
    # What the size says: the deviation between classes, less that of sampling.
    beyond = float(found[CLASSWISE[1]].size.split("differ by ")[1].split()[0])
    assert beyond == pytest.approx(np.std(means, ddof=1), rel=0.1)


def test_mistakes_with_a_structure_are_told():
    labels, student, teacher = exchangeable()
    # Each class is taken for its neighbour: no class is harder than another.
    student[np.arange(labels.size), (labels + 1) % 12] += 1.5
    found = by_name(diagnose(labels, student, teacher))
    assert found["student's accuracy by class"].holds
    assert found["student's P(label) by class at T = 1"].holds
    assert not found["student's wrong classes at T = 1"].holds
    # Every second class is taken for the one before it, and that for nothing: fewer directions.
    student, pair = exchangeable()[1], labels // 2 * 2
    student[np.arange(labels.size), pair] += 2
    found = by_name(diagnose(labels, student, teacher))
    assert not found["student's participation number at T = 1"].holds
    assert found["teacher's participation number at T = 1"].holds


def test_unequal_classes_are_told():
    labels, student, teacher = exchangeable()
    rare = (labels >= 3) | (np.arange(labels.size) % 2 == 0)
    found = by_name(diagnose(labels[rare], student[rare], teacher[rare]))
    assert not found["class frequencies"].holds
    assert found["student's accuracy by class"].holds
    balanced = frequencies(np.arange(120) % 12, 12)
    assert balanced.holds
    assert balanced.observed == 0


def poisson_dirichlet(samples=4000, classes=400, discount=0.3, seed=1):
    """Logits at T = 1 whose softmax has Poisson-Dirichlet weights at random places."""
    rng = np.random.default_rng(seed)
    # Ranked log weights: -log(gamma_i)/m; the classes left out weigh 400^(-7/3) of the first.
    points = rng.standard_exponential((samples, classes)).cumsum(axis=1)
    return rng.permuted(-np.log(points) / discount, axis=1), rng.integers(classes, size=samples)


def test_poisson_dirichlet_rows_are_recognised_at_two_temperatures():
    logits, labels = poisson_dirichlet()
    found = by_name(diagnose(labels, logits, logits, temperature=[1.0, 2.0]))
    for name in ("largest P", "sum P^3"):
        for t in (1, 2):
            one = found[f"student's {name} at T = {t}"]
            # The same points at temperature T have the discount m T; 4000 rows give a few percent.
            assert float(one.hypothesis.split("m = ")[1]) == pytest.approx(0.3 * t, rel=0.06)
            assert abs(one.observed - one.expected) <= 4 * one.standard_error + 1e-3, one
    overlap = found["student's overlap of T = 2 and 1"]
    expected = PoissonDirichlet(discount=0.6).overlap(PoissonDirichlet(discount=0.3))
    assert overlap.holds
    # Discounts estimated from 4000 rows: a percent.
    assert overlap.expected == pytest.approx(expected, rel=0.05)
    assert "student's overlap of T = 1 and 1" not in found


def test_other_rows_are_not_poisson_dirichlet():
    rng = np.random.default_rng(2)
    labels, logits = rng.integers(50, size=3000), 0.5 * rng.normal(size=(3000, 50))
    found = by_name(diagnose(labels, logits, logits, temperature=0.5))
    for name in ("largest P at T = 0.5", "sum P^3 at T = 0.5", "overlap of T = 0.5 and 1"):
        assert not found[f"student's {name}"].holds


def test_small_gaussian_logits_are_rotation_invariant():
    """softmax(epsilon x) - 1/K is epsilon (x - mean)/K to first order."""
    rng = np.random.default_rng(3)
    labels, logits = rng.integers(40, size=4000), 1e-3 * rng.normal(size=(4000, 40))
    found = by_name(diagnose(labels, logits, logits))
    kurtosis, norms = (found[f"student's {w} at T = 1"] for w in ("kurtosis", "norms"))
    assert kurtosis.holds
    assert norms.holds
    # Exactly 3 (n/(n+2)) (n+2)/n = 3 for a Gaussian vector in n = K - 1 dimensions.
    assert abs(kurtosis.observed - 3) < 4 * kurtosis.standard_error + 0.02
    assert norms.observed == pytest.approx(np.sqrt(2 / 39), abs=4 * norms.standard_error + 2e-3)


def test_networks_that_share_their_noise_are_not_free():
    labels, student, teacher = exchangeable()
    shared = np.random.default_rng(9).normal(size=student.shape)
    found = by_name(diagnose(labels, student + 2 * shared, teacher + 2 * shared))
    gain = found["gain at T = 1"]
    assert not gain.holds
    assert gain.observed > 1.2 * gain.expected
    assert "times it" in gain.size


def test_standard_errors_are_the_deviations_over_repetitions():
    """Standardised differences of 80 independent problems: mean 0 and deviation 1."""
    scores: dict[str, list[float]] = {}
    for seed in range(80):
        for f in diagnose(*exchangeable(600, 8, seed)):
            if f.standard_error > 0 and f.holds:
                score = (f.observed - f.expected) / f.standard_error
                scores.setdefault(f.name, []).append(score)
    expected = [n for name in CLASSWISE[:4] for n in {name, name.replace("student", "teacher")}]
    for name in [*expected, "gain at T = 1"]:
        score = np.array(scores[name])
        assert score.size >= 78, name
        # 4.5 deviations of a mean and of a standard deviation; ratios are skewed by sqrt(8/K).
        assert abs(score.mean()) < 4.5 / np.sqrt(80), name
        assert 0.6 < score.std() < 1.45, name


def test_doubtful_data_are_told():
    labels, student, teacher = exchangeable(9, 12)
    found = by_name(diagnose(labels, student, teacher))
    assert not found["samples"].holds
    assert not found["classes present"].holds
    assert found["classes present"].observed == np.sum(np.bincount(labels, minlength=12) == 0)
    labels, student, teacher = exchangeable()
    found = by_name(diagnose(labels, teacher, student))
    assert not found["teacher above student"].holds
    assert found["teacher above chance"].holds
    noise = np.random.default_rng(8).normal(size=teacher.shape)
    found = by_name(diagnose(labels, noise, np.roll(teacher, 1, axis=1)))
    assert not found["teacher above chance"].holds
    # A ratio to an accuracy at chance means nothing.
    assert "gain at T = 1" not in found


@pytest.mark.parametrize("classes", [2, 3, 12])
def test_outputs_without_variation_give_no_nan(classes):
    labels, student, _ = exchangeable(300, classes)
    found = by_name(diagnose(labels, student, np.zeros((300, classes)), [1.0, 4.0]))
    assert not found["teacher above chance"].holds
    assert found["gain at T = 1"].observed == pytest.approx(0, abs=1e-12)
    assert "teacher's kurtosis at T = 1" not in found
    hard = 1e5 * np.eye(classes)[labels]
    found = by_name(diagnose(labels, hard, hard, [1.0, 4.0]))
    assert "one-hot" in found["student's largest P at T = 1"].verdict
    assert found["student's norms at T = 1"].holds
    # Nothing is off the label but rounding.
    assert "student's wrong classes at T = 1" not in found
    by_name(diagnose([0], [[1.0, 0.5]], [[0.3, 1.0]]))


def test_blocks_do_not_matter(monkeypatch):
    labels, student, teacher = exchangeable(400, 5)
    whole = diagnose(labels, student.astype(np.float32), teacher, 2.0)
    monkeypatch.setattr(outputs, "BLOCK", 35)
    parts = diagnose(labels, student.astype(np.float32), teacher, 2.0)
    assert diagnose(labels, student, teacher, [2, 2.0])[-1].name == whole[-1].name
    for one, two in zip(whole, parts, strict=True):
        assert one.observed == pytest.approx(two.observed, rel=1e-12)


def test_ratios_against_their_definitions():
    labels, student, _ = exchangeable(500, 6)
    p = np.exp(student) / np.exp(student).sum(axis=1, keepdims=True)
    output = measure("student", student, labels, 1.0)
    groups = [p[labels == c] for c in range(6)]
    seen = spread("x", output.label, labels, 6)[0].observed
    own = [g[:, c] for c, g in enumerate(groups)]
    assert seen == pytest.approx(stats.f_oneway(*own).statistic, rel=1e-10)
    off = entries(output, "")[1].observed
    level = np.mean(1 - output.label) / 5
    pairs = [g[:, d] for c, g in enumerate(groups) for d in range(6) if d != c]
    between = sum(len(x) * (x.mean() - level) ** 2 for x in pairs)
    assert off == pytest.approx(between / sum(x.var(ddof=1) for x in pairs), rel=1e-10)


def test_the_rule_of_judgement():
    assert judged("a", "b", 1.1, 1.0, 0.03).holds
    assert not judged("a", "b", 1.1, 1.0, 0.02).holds
    assert judged("a", "b", 1.019, 1.0, 1e-9).holds
    assert judged("a", "b", 0.2, 1.0, 1e-9, at_most=True).holds
    assert not judged("a", "b", 0.2, 1.0, 1e-9).holds
    assert judged("a", "b", 0.0, 0.0, 0.0).holds
    assert "10% off, 5 standard errors" in judged("a", "b", 1.1, 1.0, 0.02).verdict


def test_what_is_refused():
    labels, student, teacher = exchangeable(30, 4)
    with pytest.raises(ValueError, match="teacher of shape"):
        diagnose(labels, student, teacher[:, :3])
    with pytest.raises(ValueError, match="temperature=0"):
        diagnose(labels, student, teacher, 0)
    with pytest.raises(ValueError, match="temperature=-1"):
        diagnose(labels, student, teacher, [1, -1])
    with pytest.raises(ValueError, match="labels has 29 samples"):
        diagnose(labels[1:], student, teacher)
