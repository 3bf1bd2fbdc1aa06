"""Along beta: exact at students given, what changes elsewhere, how sure it is, what is refused."""

import numpy as np
import pytest

from mvtheory.distillation import Anchor, advise, soft_weight
from mvtheory.distillation.along_beta import POWER, WIDTH
from mvtheory.distillation.mixture import Coefficients
from mvtheory.distillation.readings import MEASURES, Samples, read

CLASSES, TRAINING, SAMPLES = 5, 200, 900
OPTIONS = {"diagnose": False, "temperatures": (1.0, 2.0, 4.0, 8.0), "hard_weights": (0.1, 0.5)}
FORWARD = [(1.0, 0.1, 0.0), (8.0, 0.1, 0.0)]


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(7)
    labels = rng.integers(CLASSES, size=SAMPLES)
    signal, noise = 2 * np.eye(CLASSES)[labels], rng.standard_normal((SAMPLES, CLASSES))
    return labels, signal + 2 * noise, 2 * signal + noise


def anchors(settings, seed=0):
    """Students that differ by what is drawn."""
    rng = np.random.default_rng(7)
    labels = rng.integers(CLASSES, size=SAMPLES)
    noise = rng.standard_normal((SAMPLES, CLASSES))
    found = []
    for place, (t, a, beta) in enumerate(settings):
        own = np.random.default_rng([seed, place]).standard_normal((SAMPLES, CLASSES))
        logits = 2 * np.eye(CLASSES)[labels] + 1.2 * noise + 0.6 * own
        found.append(Anchor(logits=logits, temperature=t, hard_weight=a, beta=beta))
    return found


def advice(arrays, settings, **given):
    return advise(*arrays, anchors=anchors(settings), split=np.arange(TRAINING), **OPTIONS | given)


def accuracy(arrays, anchor):
    return np.mean(anchor.logits[TRAINING:].argmax(axis=1) == arrays[0][TRAINING:])


def scores(arrays, anchor):
    """Of one student, in the order of MEASURES."""
    samples = Samples(labels=arrays[0], student=arrays[1], parts=(anchor,),
                      chosen=np.arange(TRAINING, SAMPLES))  # fmt: skip
    return read(samples, [Coefficients(hard=0.0, anchors=(1.0,))]).measures[0]


def test_students_given_are_predicted_exactly_and_the_base_stays_as_it_was(arrays):
    settings = [*FORWARD, (2.0, 0.1, 0.5), (4.0, 0.1, 1.0)]
    found, known = advice(arrays, settings).by_beta, anchors(settings)
    assert list(found) == [0.0, 0.5, 1.0]
    alone = advice(arrays, FORWARD)
    np.testing.assert_array_equal(found[0.0].predicted, alone.predicted)
    np.testing.assert_array_equal(found[0.0].low, alone.low)
    for beta, row, anchor in ((0.5, 1, known[2]), (1.0, 2, known[3])):
        assert found[beta].predicted[row, 0] == pytest.approx(accuracy(arrays, anchor), abs=1e-12)
        values = dict(zip(MEASURES, scores(arrays, anchor), strict=True))
        for name in ("log loss", "brier", "calibration error", "balanced accuracy"):
            measured = found[beta].measures[name]
            assert measured.predicted[row, 0] == pytest.approx(values[name], abs=1e-12)
            assert measured.predicted[0, 1] != alone.measures[name].predicted[0, 1]


def test_what_changes_is_linear_in_beta_and_w_and_falls_above_the_temperature(arrays):
    settings = [*FORWARD, (2.0, 0.1, 1.0)]
    found = advice(arrays, settings, betas=(0.0, 0.25, 1.0)).by_beta
    base, whole = found[0.0].predicted, found[1.0].predicted - found[0.0].predicted
    assert whole[1, 0] != 0
    np.testing.assert_allclose(found[0.25].predicted - base, whole / 4, atol=1e-14)
    w = {t: float(soft_weight(hard_weight=0.1, temperature=t)) for t in OPTIONS["temperatures"]}
    for row, t in enumerate(OPTIONS["temperatures"]):
        expected = whole[1, 0] * w[t] / w[2.0] * min(1.0, 2 / t) ** POWER
        assert whole[row, 0] == pytest.approx(expected, rel=1e-12)
        half = float(soft_weight(hard_weight=0.5, temperature=t))
        assert whole[row, 1] == pytest.approx(expected * half / w[t], rel=1e-12)


def test_the_error_is_that_of_another_training_and_grows_below_the_temperature(arrays):
    settings = [(4.0, 0.1, 0.0), (4.0, 0.1, 1.0)]
    found, (forward, reverse) = advice(arrays, settings).by_beta, anchors(settings)
    labels = arrays[0][TRAINING:]
    right = [one.logits[TRAINING:].argmax(axis=1) == labels for one in (forward, reverse)]
    noise = WIDTH * np.sqrt(np.mean(right[0] != right[1]) / len(labels))
    more = found[1.0].scale ** 2 - found[0.0].scale ** 2
    w = [float(soft_weight(hard_weight=0.1, temperature=t)) for t in OPTIONS["temperatures"]]
    for row, t in enumerate(OPTIONS["temperatures"]):
        expected = noise * w[row] / w[2] * max(1.0, 4 / t)
        # Differences of squares of numbers of that order.
        assert more[row, 0] == pytest.approx(expected**2, rel=1e-9)


def test_those_with_the_most_temperatures_are_mixed(arrays):
    few, many = (2.0, 0.1, 0.0), [(1.0, 0.1, 1.0), (8.0, 0.1, 1.0)]
    found = advice(arrays, [few, *many])
    assert found.evidence.along.beta == 1.0
    plain = [Anchor(logits=one.logits, temperature=one.temperature, hard_weight=0.1)
             for one in anchors([few, *many])[1:]]  # fmt: skip
    alone = advise(*arrays, anchors=plain, split=np.arange(TRAINING), **OPTIONS)
    np.testing.assert_array_equal(found.by_beta[1.0].predicted, alone.predicted)


def test_the_best_beta_is_recommended(arrays):
    settings = [(4.0, 0.1, 0.0), (4.0, 0.1, 1.0)]
    for objective in ("accuracy", "log loss"):
        found = advice(arrays, settings, objective=objective, betas=(0.0, 0.5, 1.0))
        best = [one.sought.cautious.max() for one in found.by_beta.values()]
        assert found.beta == list(found.by_beta)[int(np.argmax(best))]
        assert f"beta = {found.beta:g}: predicted" in str(found)
    assert ", beta = " not in str(advice(arrays, settings[:1]))
    assert advice(arrays, settings[1:]).beta == 1.0


def test_reverse_students_are_not_held_against_the_forward_residual(arrays):
    settings = [(4.0, 0.1, 0.0), (4.0, 0.1, 1.0)]
    found = advice(arrays, settings, diagnose=True)
    names = {one.name for one in found.diagnostics}
    assert {"anchors[0] trained on split", "anchors[0]'s setting"} <= names
    assert not {"anchors[1] trained on split", "anchors[1]'s setting"} & names
    assert "same_start of student and anchors[1]" in names


@pytest.mark.parametrize(("settings", "betas", "words"), [
    ([(4.0, 0.1, 0.0)], (0.0, 1.0), r"betas with 1 is not allowed \(0 to 0, .*Anchor\(..., beta=1"),
    ([(4.0, 0.1, 0.5), (4.0, 0.1, 1.0)], [0.0], r"betas with 0 is not allowed \(0.5 to 1"),
    ([], (0.5,), "betas with 0.5 is not allowed"),
    ([(4.0, 0.1, 0.0)], (0.0, 0.0), "beta=0.0 is not allowed.*give it once"),
    ([(4.0, 0.1, 0.0)], (2.0,), "beta=2.0 is not allowed"),
])  # fmt: skip
def test_what_is_not_predicted_is_refused(arrays, settings, betas, words):
    with pytest.raises(ValueError, match=words):
        advice(arrays, settings, betas=betas)
