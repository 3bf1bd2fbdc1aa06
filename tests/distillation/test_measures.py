"""Measures beside accuracy: definitions, predictions where they are exact, objectives, classes."""

from dataclasses import replace

import numpy as np
import pytest

from mvtheory.distillation import Anchor, advise, dual_labels, soft_weight
from mvtheory.distillation.interval import half_width
from mvtheory.distillation.measures import RULES, TERMS, WEIGHTS
from mvtheory.distillation.mixture import Coefficients
from mvtheory.distillation.readings import LARGER, MEASURES, Samples, apart, class_weights, read
from mvtheory.ensembles import advise_ensemble

CLASSES, TRAINING, SAMPLES = 5, 200, 1200
SPLIT = np.arange(SAMPLES) < TRAINING


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Without the random-matrix theory's diagnostics, which have tests of their own."""
    monkeypatch.setattr("mvtheory.distillation.advisor.diagnostics_of", lambda *_: [])


@pytest.fixture(scope="module")
def problem():
    """Labels of unequal classes, a teacher, and students by ridge regression: linear in labels."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((SAMPLES, 8))
    teacher = 1.5 * x @ rng.standard_normal((8, CLASSES)) + [2, 1, 0, 0, -2]
    labels = (teacher + 2 * rng.standard_normal(teacher.shape)).argmax(axis=1)
    rows = np.hstack([x, x[:, :1] * x, np.ones((SAMPLES, 1))])
    gram = rows @ rows[:TRAINING].T
    smoother = 8 * gram @ np.linalg.inv(gram[:TRAINING] + 20 * np.eye(TRAINING))

    def student(t, a):
        w = float(soft_weight(hard_weight=a, temperature=t))
        return smoother @ dual_labels(
            labels[:TRAINING], teacher[:TRAINING], temperature=t, soft_weight=w
        )

    return labels, teacher, student


def plain(logits, labels):
    """Every measure by its definition, sample by sample."""
    classes = logits.shape[1]
    right, losses, squares = [], [], []
    bins = {b: [] for b in range(15)}
    for z, y in zip(logits, labels, strict=True):
        p = np.exp(z - z.max())
        p = p / p.sum()
        right.append(int(p.argmax()) == y)
        losses.append(-np.log(p[y]))
        squares.append(sum((p[k] - (k == y)) ** 2 for k in range(classes)))
        bins[min(int(15 * p.max()), 14)].append((right[-1], p.max()))
    gaps = [abs(np.mean([r for r, _ in b]) - np.mean([c for _, c in b])) * len(b)
            for b in bins.values() if b]  # fmt: skip
    recalls = [np.mean(np.array(right)[labels == k]) for k in np.unique(labels)]
    return np.array([np.mean(right), np.mean(recalls), np.mean(losses), np.mean(squares),
                     sum(gaps) / len(labels)])  # fmt: skip


def advice_of(problem, method="balanced", **more):
    labels, teacher, student = problem
    given = {"anchors": [Anchor(logits=student(4.0, 0.1), temperature=4, hard_weight=0.1)]}
    given["split"] = SPLIT if method == "balanced" else None
    if method == "copy":
        given["anchors"] = []
    return advise(labels, student(1.0, 1.0), teacher, **(given | more))


def test_measures_are_what_they_are_called(problem):
    labels, teacher, student = problem
    advice = advice_of(problem)
    kept = labels[~SPLIT]
    own, taught = (plain(z[~SPLIT], kept) for z in (student(1.0, 1.0), teacher))
    assert list(advice.measures) == list(MEASURES)
    for name, mine, its in zip(MEASURES, own, taught, strict=True):
        assert advice.measures[name].student == pytest.approx(mine, abs=1e-12)
        assert advice.measures[name].teacher == pytest.approx(its, abs=1e-12)
    at = next(i for i, a in enumerate(advice.hard_weights) if a == 0.1)
    row = advice.temperatures.index(4.0)
    trained = plain(student(4.0, 0.1)[~SPLIT], kept)
    for name, value in zip(MEASURES, trained, strict=True):
        # At the anchor's own setting its own; u and v are solved for to 1e-6.
        assert advice.measures[name].predicted[row, at] == pytest.approx(value, abs=2e-3)


def test_definitions_are_those_of_ensembles(problem):
    labels, _, student = problem
    one = student(1.0, 1.0)
    alone = advise_ensemble(labels, np.stack([one, one]), sizes=[1], average="logits")
    measures = advice_of(problem, "linear").measures
    assert measures["log loss"].student == pytest.approx(alone.log_loss[0], abs=1e-12)
    assert measures["brier"].student == pytest.approx(alone.brier[0], abs=1e-12)
    assert measures["calibration error"].student == pytest.approx(
        alone.calibration_error[0], abs=1e-12
    )


@pytest.mark.parametrize("block", [60, 2**19])
def test_students_that_are_linear_in_their_labels_are_predicted_exactly(
    problem, block, monkeypatch
):
    """By all measures but the accuracy, which is that of a blend."""
    monkeypatch.setattr("mvtheory.distillation.outputs.BLOCK", block)
    labels, _, student = problem
    advice = advice_of(problem, "linear", temperatures=[4.0])
    assert advice.method == "linear"
    truth = np.array([plain(student(4.0, a), labels) for a in advice.hard_weights])
    for place, name in enumerate(MEASURES):
        if name == "accuracy":
            continue
        np.testing.assert_allclose(advice.measures[name].predicted[0], truth[:, place], atol=1e-9)
        assert np.ptp(truth[:, place]) > 0.005  # so that a prediction could be wrong


def test_balanced_mixtures_of_kernel_students(problem):
    """Predicted within the intervals, which are no wider than the measures change."""
    labels, _, student = problem
    advice = advice_of(problem, temperatures=[4.0], confidence=0.99)
    truth = np.array([plain(student(4.0, a)[~SPLIT], labels[~SPLIT]) for a in advice.hard_weights])
    for place, name in enumerate(MEASURES):
        found = advice.measures[name]
        assert (found.low[0] <= truth[:, place] + 1e-9).all()
        assert (truth[:, place] <= found.high[0] + 1e-9).all()


@pytest.mark.parametrize("method", RULES)
def test_intervals(problem, method):
    wide, narrow = (advice_of(problem, method, confidence=c, hard_weights=[0.0, 0.5, 1.0])
                    for c in (0.9, 0.5))  # fmt: skip
    for name in MEASURES:
        found, inner = wide.measures[name], narrow.measures[name]
        for array in (found.predicted, found.low, found.high, found.scale, found.sampling_error):
            assert array.shape == (4, 3)
            assert np.isfinite(array).all()
        assert (found.low <= inner.low).all()
        assert (inner.low <= inner.predicted).all()
        assert (inner.predicted <= inner.high).all()
        assert (inner.high <= found.high).all()
        inside = (found.low > 0) & (found.scale > 0)
        half = half_width(1.0, 0.9) * found.scale
        # A scale may be rounding of 0, and a difference of two numbers is no more exact than they.
        widths = (found.predicted - found.low)[inside]
        np.testing.assert_allclose(widths, half[inside], rtol=1e-9, atol=1e-15)
        # Hard labels alone are the student that was given.
        np.testing.assert_allclose(found.scale[:, 2], 0, atol=1e-12)
        np.testing.assert_allclose(found.predicted[:, 2], found.student, atol=1e-12)
        assert (found.scale[:, 0] > 0).all()


def test_other_starts_are_less_sure(problem):
    alike, other = (advice_of(problem, same_start=s).measures for s in (True, False))
    for name in MEASURES:
        assert (other[name].scale >= alike[name].scale).all()
        assert (other[name].scale > alike[name].scale).any()


def test_without_anchors_half_of_the_change_is_predicted(problem):
    labels, teacher, student = problem
    advice = advice_of(problem, "copy", temperatures=[2.0], hard_weights=[0.25])
    w = float(soft_weight(hard_weight=0.25, temperature=2.0))
    own = plain(student(1.0, 1.0), labels)
    mixed = plain(w * teacher + (1 - w) * student(1.0, 1.0), labels)
    for place, name in enumerate(MEASURES):
        expected = (own[place] + mixed[place]) / 2
        assert advice.measures[name].predicted[0, 0] == pytest.approx(expected, abs=1e-9)


def test_there_are_weights_for_every_measure():
    assert WEIGHTS.keys() == RULES.keys()
    for weights in WEIGHTS.values():
        assert set(weights) == set(MEASURES) - {"accuracy"}
        assert all(len(row) == len(TERMS) and min(row) >= 0 and max(row) > 0
                   for row in weights.values())  # fmt: skip


def opposed(samples=4000, seed=0):
    """A distilled student that is right more often than the student, but far too sure."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=samples)
    luck = rng.uniform(size=samples)
    student, anchor = (
        size * np.eye(CLASSES)[np.where(luck < p, labels, (labels + 1) % CLASSES)]
        + 0.01 * rng.standard_normal((samples, CLASSES))
        for p, size in ((0.6, 2.0), (0.65, 20.0))
    )
    return {"labels": labels, "student": student, "teacher": 4 * np.eye(CLASSES)[labels],
            "anchors": [Anchor(logits=anchor, temperature=4)], "temperatures": [4.0],
            "hard_weights": [0.0, 1.0]}  # fmt: skip


def test_the_objective_chooses():
    given = opposed()
    by = {name: advise(**given, objective=name) for name in MEASURES}
    assert by["accuracy"].worth == "yes"
    assert by["accuracy"].hard_weight == 0.0
    for name in ("log loss", "brier", "calibration error"):
        advice = by[name]
        assert advice.objective == name
        assert advice.sought is advice.measures[name]
        assert advice.hard_weight == 1.0  # what is known to be good, the student itself
        assert advice.worth == "no"
        best = advice.best
        # The data are made up, and doubted first.
        assert "Do not distil: no setting is predicted to be better. T = 4" in str(advice)
        assert f"predicted {name} {advice.sought.predicted[best]:.4f}, 90 %" in str(advice)
        assert f"student {advice.sought.student:.4f}" in str(advice)
        assert advice.sampling_error == advice.sought.sampling_error[best]
        # What is said of the accuracy stays.
        np.testing.assert_array_equal(advice.predicted, by["accuracy"].predicted)
        assert advice.student_accuracy == by["accuracy"].student_accuracy


@pytest.mark.parametrize("name", MEASURES)
def test_the_recommended_setting_is_the_best_after_caution(problem, name):
    advice = advice_of(problem, objective=name)
    sought = advice.sought
    sign = 1 if name in LARGER else -1
    cautious = sign * sought.predicted - sought.scale
    assert cautious[advice.best] == cautious.max()
    better = sign * (sought.low if sign > 0 else sought.high)[advice.best] > sign * sought.student
    assert (advice.worth == "yes") == better


def test_worth_of_a_smaller_loss(problem):
    sought = advice_of(problem, objective="log loss").sought
    ones = np.ones((1, 1))
    for high, predicted, worth in ((0.9, 0.8, "yes"), (1.2, 0.8, "open"), (1.5, 1.1, "no")):
        changed = replace(sought, student=1.0, predicted=predicted * ones, high=high * ones,
                          low=0.5 * ones)  # fmt: skip
        assert changed.worth((0, 0)) == worth


@pytest.mark.parametrize("objective", ["loss", "log_loss", "", None, 3, ["brier"]])
def test_an_unknown_objective_is_refused_in_one_line(problem, objective):
    with pytest.raises(ValueError, match=r"^objective=.* is not allowed \(accuracy, .*name the"):
        advice_of(problem, objective=objective)


def test_accuracies_of_classes(problem):
    labels, teacher, student = problem
    # Classes 0 and 3 have no test samples, and class numbers stay what they were.
    few = np.flatnonzero(SPLIT | (~np.isin(labels, [0, 3])))
    advice = advise(labels[few], student(1.0, 1.0)[few], teacher[few], split=SPLIT[few],
                    anchors=[Anchor(logits=student(4.0, 0.0)[few], temperature=4)])  # fmt: skip
    found = advice.class_accuracy
    kept = few[~SPLIT[few]]
    assert found.classes.tolist() == [1, 2, 4]
    for index, k in enumerate(found.classes):
        own = kept[labels[kept] == k]
        assert found.samples[index] == own.size
        for name, logits in (("student", student(1.0, 1.0)), ("teacher", teacher)):
            share = np.mean(logits[own].argmax(axis=1) == k)
            error = getattr(found, f"{name}_error")[index]
            assert getattr(found, name)[index] == pytest.approx(share)
            binomial = np.sqrt(share * (1 - share) / own.size)
            assert error == pytest.approx(binomial, abs=2 / own.size)
            assert error > 0
    weights = found.samples / found.samples.sum()
    assert weights @ found.recommended == pytest.approx(advice.predicted[advice.best])
    balanced = advice.measures["balanced accuracy"]
    assert found.recommended.mean() == pytest.approx(balanced.predicted[advice.best])
    assert found.student.mean() == pytest.approx(balanced.student)


def test_numbers_of_classes_stay_where_one_is_absent(problem):
    labels, teacher, student = problem
    wide = [np.insert(z, 2, -np.inf, axis=1) for z in (student(1.0, 1.0), teacher)]
    moved = labels + (labels >= 2)
    assert advise(moved, *wide).class_accuracy.classes.tolist() == [0, 1, 3, 4, 5]


def test_sampling_errors_are_those_of_resampling(problem):
    """Of sums of samples, by 400 bootstrap samples: 4 standard errors of a standard deviation."""
    labels, _, student = problem
    rng = np.random.default_rng(0)
    one = student(1.0, 1.0)
    drawn = []
    for _ in range(400):
        rows = rng.integers(SAMPLES, size=SAMPLES)
        samples = Samples(labels=labels, student=one, parts=(), chosen=rows)
        drawn.append(read(samples, [Coefficients(hard=1.0, anchors=())]).measures[0])
    samples = Samples(labels=labels, student=one, parts=(), chosen=np.arange(SAMPLES))
    stated = read(samples, [Coefficients(hard=1.0, anchors=())]).errors[0]
    spread = np.std(drawn, axis=0)
    calibration = MEASURES.index("calibration error")
    for place in set(range(len(MEASURES))) - {calibration}:
        assert stated[place] == pytest.approx(spread[place], rel=4 / np.sqrt(2 * 400))
    # Bins whose gap is near 0 move it less.
    assert spread[calibration] / 2 < stated[calibration] < 2 * spread[calibration]


def test_parts_of_mixtures_differ_as_their_samples_do(problem):
    labels, _, student = problem
    one, other = student(1.0, 1.0), student(4.0, 0.0)
    samples = Samples(labels=labels, student=one, chosen=np.arange(SAMPLES),
                      parts=(Anchor(logits=other, temperature=4),))  # fmt: skip
    mixtures = [Coefficients(hard=0.3, anchors=(0.7,)), Coefficients(hard=1.0, anchors=(-0.05,)),
                Coefficients(hard=1.0, anchors=(0.0,))]  # fmt: skip
    mean, deviation = apart(samples, mixtures)

    def losses(z):
        z = z - z.max(axis=1, keepdims=True)
        return np.log(np.exp(z).sum(axis=1)) - z[np.arange(SAMPLES), labels]

    gaps = losses(other) - losses(one)
    place = MEASURES.index("log loss")
    np.testing.assert_allclose(mean[:, place], [*2 * [np.abs(gaps).mean()], 0], atol=1e-9)
    np.testing.assert_allclose(
        deviation[:, place], [*2 * [np.sqrt((gaps**2).mean())], 0], atol=1e-9
    )
    assert class_weights(np.array([2, 0, 6])).tolist() == [2.0, 4.0, 8 / 12]


def test_a_teacher_that_masks_a_label_has_an_infinite_loss():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=60)
    student, teacher = np.eye(3)[labels] + rng.standard_normal((2, 60, 3))
    teacher[7, labels[7]] = -np.inf
    advice = advise(labels, student, teacher, hard_weights=[0.5, 1.0])
    found = advice.measures["log loss"]
    assert found.teacher == np.inf
    assert (found.predicted[:, 0] == np.inf).all()
    assert (found.low[:, 0] == 0).all()
    assert np.isfinite(found.predicted[:, 1]).all()
    assert not np.isnan([found.low, found.high, found.scale, found.sampling_error]).any()
    chosen = advise(labels, student, teacher, hard_weights=[0.5, 1.0], objective="log loss")
    assert chosen.hard_weight == 1.0


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e15])
@pytest.mark.parametrize("method", RULES)
def test_degenerate_outputs_give_numbers(problem, size, method):
    _, teacher, student = problem
    tied = size * np.sign(np.round(student(1.0, 1.0)))
    given = {"split": SPLIT if method == "balanced" else None, "temperatures": [1e-3, 1e6]}
    given["anchors"] = [] if method == "copy" else [Anchor(logits=tied, temperature=4)]
    for name in MEASURES:
        advice = advise(tied.argmax(axis=1), tied, teacher, **given, objective=name)
        found = advice.sought
        for array in (found.predicted, found.low, found.high, found.sampling_error):
            assert np.isfinite(array).all()
        assert "nan" not in str(advice)
