"""Advice: what it predicts, how sure it is, when it doubts, and what it refuses."""

import numpy as np
import pytest
import torch

from mvtheory.distillation import Anchor, Balance, advise, dual_labels, linear, soft_weight
from mvtheory.distillation import prediction as prediction_module
from mvtheory.distillation.blend import BLENDS
from mvtheory.distillation.interval import half_width
from mvtheory.distillation.mixture import line
from mvtheory.distillation.outputs import softmax
from mvtheory.distillation.prediction import METHODS, Outputs, predict

CLASSES, TRAINING, SAMPLES = 6, 300, 1500
SPLIT = np.arange(SAMPLES) < TRAINING


@pytest.fixture
def quick(monkeypatch):
    """Without the random-matrix theory's diagnostics, which have tests of their own."""
    monkeypatch.setattr("mvtheory.distillation.advisor.diagnostics_of", lambda *_: [])


def weight(temperature, hard_weight):
    return float(soft_weight(hard_weight=hard_weight, temperature=temperature))


@pytest.fixture(scope="module")
def problem():
    """Labels, a teacher, and students by kernel ridge regression: linear in their labels."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((SAMPLES, 8))
    teacher = 1.5 * x @ rng.standard_normal((8, CLASSES))
    labels = (teacher + 2 * rng.standard_normal(teacher.shape)).argmax(axis=1)
    rows = np.hstack([x, x[:, :1] * x, np.tanh(x[:, 1:2] * x)])
    gram = rows @ rows[:TRAINING].T
    smoother = 8 * gram @ np.linalg.inv(gram[:TRAINING] + 20 * np.eye(TRAINING))

    def student(t, a):
        given_ = {"temperature": t, "soft_weight": weight(t, a)}
        return smoother @ (dual_labels(labels[:TRAINING], teacher[:TRAINING], **given_) - 1 / 6)

    return labels, teacher, student


@pytest.fixture(scope="module")
def outputs(problem):
    labels, teacher, student = problem
    return {
        "labels": labels,
        "student": student(1.0, 1.0),
        "teacher": teacher,
        "anchors": [Anchor(logits=student(4.0, 0.0), temperature=4)],
        "split": SPLIT,
    }


WAYS = {"balanced": {}, "linear": {"split": None}, "copy": {"split": None, "anchors": ()}}


def same(one, two):
    assert one.best == two.best
    assert one.next_run == two.next_run
    for name in ("predicted", "low", "high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def right(logits, labels):
    return float(np.mean(logits.argmax(axis=1) == labels))


def shown(logits, t, w):
    """Dual outputs."""
    return (1 - w) * softmax(logits, 1.0) + w * softmax(logits, t)


@pytest.mark.usefixtures("quick")
def test_the_split_as_booleans_and_as_indices(outputs):
    grid = {"temperatures": [2], "hard_weights": [0.1, 0.5]}
    expected = advise(**outputs, **grid)
    rng = np.random.default_rng(0)
    for split in (np.flatnonzero(SPLIT), rng.permutation(TRAINING).tolist(), SPLIT.tolist(),
                  torch.tensor(SPLIT), np.arange(TRAINING, dtype=np.uint16)):  # fmt: skip
        same(advise(**(outputs | {"split": split}), **grid), expected)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("block", [100, 2**19])
def test_accuracies_are_those_of_the_mixtures_on_the_samples_tested(outputs, block, monkeypatch):
    monkeypatch.setattr("mvtheory.distillation.outputs.BLOCK", block)
    labels, teacher, student, anchors = (
        outputs[name] for name in ("labels", "teacher", "student", "anchors")
    )
    two = [*anchors, Anchor(logits=student + 0.3 * teacher, temperature=1, hard_weight=0.25)]
    advice = advise(**(outputs | {"anchors": two}))
    assert advice.method == "balanced"
    solved = Balance(
        labels=labels[SPLIT],
        teacher=teacher[SPLIT],
        student=student[SPLIT],
        anchors=[Anchor(logits=a.logits[SPLIT], temperature=a.temperature,
                        hard_weight=a.hard_weight) for a in two],
    )  # fmt: skip
    blend = BLENDS["balanced"]
    known = [right(one.logits[~SPLIT], labels[~SPLIT]) for one in two]
    for i, j in np.ndindex(advice.predicted.shape):
        t, a = advice.temperatures[i], advice.hard_weights[j]
        w = weight(t, a)
        c, u = solved.coefficients(t, w), line(two, t, w)
        logits = c.hard * student + sum(
            u * one.logits for u, one in zip(c.anchors, two, strict=True)
        )
        average = (1 - u.sum()) * shown(student, t, 0) + sum(
            part * shown(one.logits, t, one.soft_weight) for part, one in zip(u, two, strict=True)
        )
        rows = blend.share * shown(logits, t, w) + (1 - blend.share) * average
        through = (1 - u.sum()) * right(student[~SPLIT], labels[~SPLIT]) + u @ known
        expected = (1 - blend.line) * right(rows[~SPLIT], labels[~SPLIT]) + blend.line * through
        # Steps of the weights end below 1e-6: a sample that close to a tie may go either way.
        assert advice.predicted[i, j] == pytest.approx(expected, abs=1.5 / (SAMPLES - TRAINING))
    assert advice.student_accuracy == right(student[~SPLIT], labels[~SPLIT])
    assert advice.teacher_accuracy == right(teacher[~SPLIT], labels[~SPLIT])
    p = advice.predicted[advice.best]
    assert advice.sampling_error == pytest.approx((p * (1 - p) / (SAMPLES - TRAINING)) ** 0.5)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", ["balanced", "linear"])
def test_students_that_were_given_are_predicted_exactly(problem, outputs, way):
    labels, _, student = problem
    settings = [(4.0, 0.0), (1.0, 0.25), (4.0, 0.75)]
    given_ = outputs | WAYS[way]
    given_["anchors"] = [Anchor(logits=student(t, a), temperature=t, hard_weight=a)
                         for t, a in settings]  # fmt: skip
    grid = {"temperatures": [1.0, 4.0], "hard_weights": [0.0, 0.25, 0.75, 1.0]}
    advice = advise(**given_, **grid)
    tested = ~SPLIT if way == "balanced" else np.ones(SAMPLES, dtype=bool)
    truth = [right(student(t, a)[tested], labels[tested]) for t, a in [*settings, (1.0, 1.0)]]
    found = [advice.predicted[place] for place in ((1, 0), (0, 1), (1, 2), (0, 3))]
    # The equations are solved to 1e-6.
    np.testing.assert_allclose(found, truth, atol=1.5 / tested.sum())
    assert len(set(truth)) == 4
    # What it would be with the same start and order is known; with others it is not.
    assert advice.high[0, 3] == advice.low[0, 3]
    assert (advice.high - advice.low)[1, 0] < (advice.high - advice.low)[0, 0]


@pytest.mark.usefixtures("quick")
def test_students_that_are_linear_in_their_labels_are_met_by_the_mixture(problem, outputs):
    """The part of the prediction that is exact for them; the blend is off by its share at most."""
    labels, _, student = problem
    advice = advise(**(outputs | {"split": None}), temperatures=[4.0])
    assert advice.method == "linear"
    truth = np.array([right(student(4.0, a), labels) for a in advice.hard_weights])
    mixtures = [linear(outputs["anchors"], 4.0, weight(4.0, a)) for a in advice.hard_weights]
    found = [right(c.of(outputs["student"], [outputs["anchors"][0].logits]), labels)
             for c in mixtures]  # fmt: skip
    np.testing.assert_array_equal(found, truth)
    assert len(set(truth)) > 3
    assert ((advice.low[0] <= truth) & (truth <= advice.high[0])).all()


@pytest.mark.usefixtures("quick")
def test_without_anchors_half_of_the_teachers_share_is_predicted(outputs):
    advice = advise(**(outputs | WAYS["copy"]), temperatures=[2.0], hard_weights=[0.0, 0.5, 1.0])
    labels, student, teacher = (outputs[name] for name in ("labels", "student", "teacher"))
    for j, a in enumerate(advice.hard_weights):
        w = weight(2.0, a)
        mixed = right(w * teacher + (1 - w) * student, labels)
        assert advice.predicted[0, j] == pytest.approx((mixed + right(student, labels)) / 2)
    # Hard labels alone give the student that was given.
    assert advice.low[0, 2] == advice.high[0, 2] == advice.student_accuracy


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", WAYS)
def test_intervals(outputs, way):
    given_ = outputs | WAYS[way]
    before = None
    for confidence in (0.1, 0.5, 0.9, 0.999999):
        advice = advise(**given_, confidence=confidence)
        assert advice.method == way
        assert advice.assumptions == METHODS[way]
        low, middle, high = advice.low, advice.predicted, advice.high
        assert (low >= 0).all()
        assert (low <= middle).all()
        assert (middle <= high).all()
        assert (high <= 1).all()
        inside = (low > 0) & (high < 1)
        np.testing.assert_allclose((high - middle)[inside], (middle - low)[inside], atol=1e-15)
        if before is None:
            before = advice
            continue
        assert (low <= before.low).all()
        assert (high >= before.high).all()
        both = inside & (before.low > 0) & (before.high < 1) & (before.high > before.low)
        ratio = ((high - low) / np.where(both, before.high - before.low, 1))[both]
        expected = half_width(1.0, confidence) / half_width(1.0, before.confidence)
        # Widths of a thousandth and more, from numbers of size 1.
        np.testing.assert_allclose(ratio, expected, rtol=1e-11)
        assert advice.best == before.best
        before = advice
    assert (high - low).max() > 0.5


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", WAYS)
def test_other_starts_are_never_surer(outputs, way):
    alike, other = (advise(**(outputs | WAYS[way]), same_start=s) for s in (True, False))
    np.testing.assert_array_equal(alike.predicted, other.predicted)
    assert (other.low <= alike.low).all()
    assert (other.high >= alike.high).all()
    # The stand-in of a missing student has no start.
    assert ((other.high > alike.high).any()) == (way != "copy")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", WAYS)
def test_the_recommended_setting_is_the_best_after_caution(outputs, way):
    advice = advise(**(outputs | WAYS[way]))
    scale = np.maximum(advice.high - advice.predicted, advice.predicted - advice.low)
    cautious = advice.predicted - scale / half_width(1.0, 0.9)
    assert cautious[advice.best] == pytest.approx(cautious.max(), abs=1e-12)
    assert advice.temperature == advice.temperatures[advice.best[0]]
    assert advice.hard_weight == advice.hard_weights[advice.best[1]]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", ["balanced", "linear"])
def test_the_run_recommended_next_narrows_the_intervals(problem, outputs, way):
    _, _, student = problem
    given_ = outputs | WAYS[way]
    before = advise(**given_, temperatures=[1.0, 2.0, 4.0, 8.0, 16.0])
    words = before.next_run.split()
    assert words[0] == "Train"
    t, a = float(words[3].rstrip(",")), float(words[6])
    assert (t, a) != (4.0, 0.0)
    assert weight(t, a) >= 0.8
    more = [*given_["anchors"], Anchor(logits=student(t, a), temperature=t, hard_weight=a)]
    after = advise(**(given_ | {"anchors": more}), temperatures=before.temperatures)
    assert (after.high - after.low).mean() < (before.high - before.low).mean()


@pytest.mark.usefixtures("quick")
def test_a_run_that_was_made_is_not_recommended(outputs):
    advice = advise(**outputs, temperatures=[4], hard_weights=[0])
    assert advice.next_run.startswith("No further run would narrow")
    assert "split" in advise(**(outputs | {"split": None})).next_run
    assert "split" not in advise(**outputs).next_run


def planted(gain, alike, samples=4000, seed=0):
    """An anchor that is right more often by `gain`, and where the student is if they are alike."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=samples)
    noise = 0.3 * rng.standard_normal((samples, CLASSES))
    luck, other = rng.uniform(size=(2, samples))
    student, anchor = (
        noise + 4 * np.eye(CLASSES)[np.where(by < p, labels, (labels + 1) % CLASSES)]
        for by, p in ((luck, 0.6), (luck if alike else other, 0.6 + gain))
    )
    teacher = noise + 4 * np.eye(CLASSES)[labels]
    return {"labels": labels, "student": student, "teacher": teacher,
            "anchors": [Anchor(logits=anchor, temperature=4)]}  # fmt: skip


@pytest.mark.parametrize(("gain", "alike", "worth", "words"), [
    (0.2, True, "yes", "Distil. T = "),
    (0.2, False, "yes", "Distil. T = "),
    (-0.2, True, "no", "Do not distil: no setting is predicted to be better"),
    (0.05, False, "open", "Distilling may pay, but the interval holds the student's accuracy too"),
])  # fmt: skip
def test_worth(gain, alike, worth, words):
    # An octave from the anchor, where students that disagree leave much open.
    advice = advise(**planted(gain, alike), temperatures=[8], hard_weights=[0, 0.1])
    assert advice.worth == worth
    assert str(advice).startswith(words)
    assert f"{advice.predicted[advice.best]:.4f}, 90 % interval" in str(advice)
    assert not advice.data_doubts


@pytest.mark.usefixtures("quick")
def test_grids_in_any_order_and_of_single_values(outputs):
    whole = advise(**outputs)
    turned = advise(**outputs, temperatures=(8, 1, 4, 2), hard_weights=(0.9, 0.0, 0.5, 0.25))
    place = np.ix_([3, 0, 2, 1], [5, 0, 3, 2])
    np.testing.assert_allclose(turned.predicted, whole.predicted[place], atol=1 / 1200)
    np.testing.assert_allclose(turned.low, whole.low[place], atol=2e-3)
    for one in (4, 4.0, [4], np.array(4), (4,)):
        single = advise(**outputs, temperatures=one, hard_weights=0.0)
        assert single.temperatures == (4.0,)
        assert single.hard_weights == (0.0,)
        assert single.predicted.shape == single.low.shape == (1, 1)
        assert single.best == (0, 0)
        # At the anchor's own setting its own accuracy.
        truth = right(outputs["anchors"][0].logits[~SPLIT], outputs["labels"][~SPLIT])
        assert single.predicted[0, 0] == truth


@pytest.mark.usefixtures("quick")
def test_kinds_of_arrays_change_nothing_but_rounding(outputs, tmp_path):
    names = ("labels", "student", "teacher")
    arrays = [outputs[name] for name in names] + [outputs["anchors"][0].logits]
    for index, array in enumerate(arrays):
        np.save(tmp_path / f"{index}.npy", array)
    mapped = [np.load(tmp_path / f"{index}.npy", mmap_mode="r") for index in range(4)]
    grid = {"temperatures": [2, 8], "hard_weights": [0, 0.5]}
    expected = advise(**outputs, **grid)

    def other(labels, student, teacher, anchor):
        changed = dict(zip(names, (labels, student, teacher), strict=True))
        anchors = [Anchor(logits=anchor, temperature=4)]
        return advise(**(outputs | changed | {"anchors": anchors}), **grid)

    same(other(*mapped), expected)
    same(other(*(torch.tensor(a) for a in arrays)), expected)
    same(other(*(a.tolist() for a in arrays)), expected)
    for kind, digits in ((np.float32, 24), (np.float16, 11)):
        found = other(arrays[0], *(a.astype(kind) for a in arrays[1:]))
        # Samples nearer to a tie than the rounding: a gap of 8 (1 + 1) ulp in logits of density
        # below 1 per unit, and one sample besides.
        loose = 32 * 2.0**-digits + 1.5 / (SAMPLES - TRAINING)
        np.testing.assert_allclose(found.predicted, expected.predicted, atol=loose)
        np.testing.assert_allclose(found.high, expected.high, atol=5 * loose)


@pytest.mark.usefixtures("quick")
def test_constants_and_orders_change_nothing(outputs):
    rng = np.random.default_rng(1)
    expected = advise(**outputs)
    classes, samples = rng.permutation(CLASSES), rng.permutation(SAMPLES)

    def changed(logits):
        moved = logits + rng.integers(-4, 5, (SAMPLES, 1))
        return moved[:, classes][samples]

    found = advise(
        np.argsort(classes)[outputs["labels"]][samples],
        changed(outputs["student"]),
        changed(outputs["teacher"]),
        anchors=[Anchor(logits=changed(outputs["anchors"][0].logits), temperature=4)],
        split=SPLIT[samples],
    )
    assert found.best == expected.best
    # Steps of u and v end below 1e-6: one sample may be that close to a tie.
    np.testing.assert_allclose(found.predicted, expected.predicted, atol=1.5 / 1200)
    np.testing.assert_allclose(found.high - found.low, expected.high - expected.low, atol=5e-3)


@pytest.mark.usefixtures("quick")
def test_few_rows_of_the_training_samples_are_read(outputs, monkeypatch):
    """What lies on disk stays there but for the rows used."""
    monkeypatch.setattr("mvtheory.distillation.balance.ROWS", 40)
    seen = []
    balance = prediction_module.Balance

    def watched(**given_):
        seen.append(given_["student"].shape)
        return balance(**given_)

    monkeypatch.setattr(prediction_module, "Balance", watched)
    advise(**outputs)
    assert seen == [(40, CLASSES)]


@pytest.mark.usefixtures("quick")
def test_training_rows_that_look_like_sigmoids_are_the_logits_that_were_given(outputs):
    """Of a teacher that knows nothing logits are small; all samples together look like logits."""
    rng = np.random.default_rng(6)
    small = np.where(SPLIT[:, None], rng.uniform(0.01, 0.9, (SAMPLES, CLASSES)), -3.0)
    small[~SPLIT] += rng.standard_normal(((~SPLIT).sum(), CLASSES))
    anchor = Anchor(logits=small, temperature=4)
    with pytest.raises(ValueError, match="sigmoids"):
        Balance(labels=outputs["labels"][SPLIT], student=outputs["student"][SPLIT],
                teacher=outputs["teacher"][SPLIT], anchors=[anchor.on(SPLIT)])  # fmt: skip
    advice = advise(**(outputs | {"anchors": [anchor]}))
    assert advice.method == "balanced"
    assert np.isfinite(advice.predicted).all()


def test_terms_of_the_error_are_measured_on_the_samples(outputs):
    """At the anchor nothing but noise, an octave from it the distance times the disagreement."""
    checked = Outputs(
        labels=outputs["labels"],
        teacher=outputs["teacher"],
        student=outputs["student"],
        anchors=tuple(outputs["anchors"]),
        training=None,
        tested=np.arange(SAMPLES),
        same_start=True,
    )
    found = predict(checked, (2.0, 4.0, 16.0), (0.0, 0.5, 1.0)).terms
    anchor, student = outputs["anchors"][0].logits, outputs["student"]
    differ = np.mean(anchor.argmax(axis=1) != student.argmax(axis=1))
    np.testing.assert_allclose(found.above, [[0] * 3, [0] * 3, [2 * differ, 2 * differ, 0]])
    np.testing.assert_allclose(found.below, [[differ, differ, 0], [0] * 3, [0] * 3])
    apart = np.mean(outputs["teacher"].argmax(axis=1) != student.argmax(axis=1))
    noise = np.sqrt((apart + 1 / SAMPLES) / SAMPLES)
    np.testing.assert_allclose(found.noise, [[noise, noise, 0]] * 3)
    for name in ("ratio", "gap", "straight", "line", "start", "between"):
        assert getattr(found, name)[1, 0] == pytest.approx(0, abs=1e-12)
        assert (getattr(found, name)[:, 2] == 0).all()
    assert predict(checked, (4.0,), (1.0,)).scale[0, 0] == 0


def test_doubts_about_the_data_come_first(outputs):
    assert not advise(**outputs).data_doubts
    rng = np.random.default_rng(2)
    labels = outputs["labels"]
    noise = rng.standard_normal((SAMPLES, CLASSES))
    swapped = {"split": ~SPLIT, "student": 30 * outputs["student"]}
    for change, name in (
        ({"teacher": noise}, "teacher above chance"),
        ({"student": noise}, "student above chance"),
        ({"labels": np.minimum(labels, 4)}, "classes present"),
        (swapped, "student trained on split"),
        ({"teacher": outputs["student"], "student": outputs["teacher"]}, "teacher above student"),
    ):
        advice = advise(**(outputs | change), temperatures=[1])
        (doubt,) = (one for one in advice.data_doubts if one.name == name)
        assert doubt in advice.doubts
        assert str(advice).startswith("Check the data first: ")
        assert str(doubt) in str(advice)
    few = [0, 1, 700, 800]
    small = {n: outputs[n][few] for n in ("labels", "student", "teacher")}
    advice = advise(**small)
    assert "samples does not hold: 4 samples of 6 classes" in str(advice)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [0.0, 1.0, 1e-300, 1e15])
def test_degenerate_outputs_give_numbers(outputs, way, size):
    labels, tied = outputs["labels"], size * np.sign(np.round(outputs["student"]))
    outputs = outputs | {"split": SPLIT[:400]}
    outputs |= {name: outputs[name][:400] for name in ("labels", "student", "teacher")}
    outputs["anchors"] = [Anchor(logits=outputs["anchors"][0].logits[:400], temperature=4)]
    labels, tied = labels[:400], tied[:400]
    for change in (
        {"student": tied},
        {"teacher": tied},
        {"anchors": [Anchor(logits=tied, temperature=4)]},
        # Labels that no student may answer are refused: see test_masks.py.
        {"student": tied, "teacher": tied, "anchors": [Anchor(logits=tied, temperature=4)]}
        | ({"labels": tied.argmax(axis=1)} if size > 1 else {}),
        {"student": np.full((400, CLASSES), size), "labels": np.zeros_like(labels)},
        {"anchors": [Anchor(logits=tied, temperature=1e-3, hard_weight=1 - 2e-16)]},
        {"anchors": [Anchor(logits=tied.astype(np.float32), temperature=1e6, hard_weight=0.5)]},
    ):
        advice = advise(**(outputs | change | WAYS[way]), temperatures=[1e-3, 3.0, 1e6],
                        hard_weights=[0.0, 0.5, 1.0])  # fmt: skip
        for array in (advice.predicted, advice.low, advice.high, advice.sampling_error):
            assert np.isfinite(array).all()
        assert "nan" not in str(advice)
        assert advice.worth in ("yes", "no", "open")


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_one_sample_is_enough_for_numbers_but_not_for_trust(samples):
    labels, rows = np.arange(samples), np.eye(3)[:samples] + 0.5
    advice = advise(labels, rows, 2 * rows, anchors=[Anchor(logits=rows, temperature=2)])
    assert np.isfinite(advice.high).all()
    assert advice.data_doubts
    if samples > 1:
        advice = advise(labels, rows, 2 * rows, anchors=[Anchor(logits=rows, temperature=2)],
                        split=[0])  # fmt: skip
        assert np.isfinite(advice.high).all()


BAD_ROWS = [
    (lambda a: a[:-1], r" of shape \(1499, 6\) is not allowed"),
    (lambda a: a[:, :-1], r" of shape \(1500, 5\) is not allowed"),
    (lambda a: np.where(np.arange(SAMPLES)[:, None] == 7, np.inf, a), r"\[7\] is not finite"),
    (lambda a: softmax(a, 1.0), " holds probabilities"),
    (lambda a: 1e300 * a, r" holds .*, not allowed \(logits from -1e\+15 to 1e\+15\)"),
    (lambda _: np.empty((0, CLASSES)), r" of shape \(0, 6\) is not allowed"),
    (lambda a: a[:, 0], r" of shape \(1500,\) is not allowed"),
    (lambda a: a.astype(complex), " of type complex128 is not allowed"),
    (lambda _: None, " of type object is not allowed"),
    (lambda _: [[1.0, 2.0], [1.0]], r" cannot be read as one array .*give rows of equal length"),
]


@pytest.mark.parametrize("name", ["student", "teacher", r"anchors\[0\].logits"])
@pytest.mark.parametrize(("change", "part"), BAD_ROWS)
def test_bad_outputs_are_named(outputs, name, change, part):
    if "anchors" in name:
        bad = {"anchors": [Anchor(logits=change(outputs["anchors"][0].logits), temperature=4)]}
    else:
        bad = {name: change(outputs[name])}
    # The student says how many samples and classes there are.
    if name == "student" and (r"\(1499" in part or r"\(1500, 5" in part):
        name, part = "", "labels.*(outputs have 1499|from 0 to 4)"
    with pytest.raises(ValueError, match=name + part):
        advise(**(outputs | bad))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"labels": np.full(SAMPLES, 6)}, r"labels\[0\]=6 is not allowed .* from 0 to 5"),
        ({"labels": np.full(SAMPLES, -1)}, r"labels\[0\]=-1 is not allowed"),
        ({"labels": np.full(SAMPLES, 0.5)}, "labels of type float64 are not allowed"),
        ({"labels": np.full((SAMPLES, CLASSES), 1 / CLASSES)}, "or one-hot rows"),
        ({"labels": np.zeros(9, int)}, "labels has 9 samples, the outputs have 1500"),
        ({"labels": []}, r"labels of shape \(0,\) are not allowed"),
        ({"labels": [[0], [1, 2]]}, "labels cannot be read as one array"),
        ({"split": np.ones(SAMPLES, bool)}, "split marks 1500 of 1500 samples .*not all"),
        ({"split": np.zeros(SAMPLES, bool)}, "split marks 0 of 1500 samples"),
        ({"split": np.arange(SAMPLES)}, "split marks 1500 of 1500"),
        ({"split": [0, SAMPLES]}, "split holds 0 to 1500, not allowed .*indices from 0 to 1499"),
        ({"split": [-1, 4]}, "split holds -1 to 4, not allowed"),
        ({"split": SPLIT.astype(int)}, "split holds 1500 indices of 2 samples, .*or booleans"),
        ({"split": [3, 3]}, "split holds 2 indices of 1 samples"),
        ({"split": SPLIT.astype(float)}, r"split of shape \(1500,\), float64, is not allowed"),
        ({"split": SPLIT[:-1]}, r"split of shape \(1499,\), bool, is not allowed"),
        ({"split": []}, r"split of shape \(0,\)"),
        ({"split": [[0], [1, 2]]}, "split cannot be read as one array"),
        ({"temperatures": [1, 0]}, r"temperature=0\.0 is not allowed \(.*0\.001 <= temp"),
        ({"temperatures": [np.nan]}, "temperature=nan is not allowed"),
        ({"temperatures": []}, r"temperature=\[\] is not allowed"),
        ({"temperatures": "124"}, "temperature='124' is not allowed"),
        ({"temperatures": [[1, 2], [3, 4]]}, "give a flat list of numbers"),
        ({"temperatures": [2, 1, 2]}, r"temperature=2\.0 is not allowed .*2 times: give it once"),
        ({"hard_weights": [0, 1.1]}, r"hard_weight=1\.1 is not allowed \(.*hard_weight <= 1\)"),
        ({"hard_weights": [0, 0]}, r"hard_weight=0 is not allowed .*2 times|=0\.0 is not"),
        ({"confidence": 1}, r"confidence=1\.0 is not allowed \(.*0 < confidence < 1\)"),
        ({"confidence": 90}, r"confidence=90\.0 is not allowed"),
        ({"confidence": [0.9]}, "confidence=.* give one number"),
        ({"same_start": "no"}, r"same_start='no' is not allowed \(True or False\)"),
        ({"anchors": None}, "anchors of type NoneType"),
        ({"anchors": Anchor(logits=0, temperature=4)}, r"anchors of type Anchor.*write \[Anchor"),
        ({"anchors": [np.zeros((SAMPLES, CLASSES))]}, "anchors of type list with ndarray"),
    ],
)
def test_bad_arguments_are_named(outputs, change, part):
    with pytest.raises(ValueError, match=part):
        advise(**(outputs | change))
