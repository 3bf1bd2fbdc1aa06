"""Memory is bounded by the size of the data: 50,257 classes of 100 samples take no K x K."""

import tracemalloc

import numpy as np
import pytest

from mvtheory.distillation import (
    Anchor,
    Balance,
    advise,
    comparison,
    diagnose,
    gain_measured,
    generalized_wishart_of_outputs,
    h_eigenvalues,
    h_matrix,
    h_spectrum,
    logit_gradient,
    loss,
)
from mvtheory.distillation.comparison import compare
from mvtheory.laws import GeneralizedWishart, Semicircle, free_add

SAMPLES, CLASSES = 100, 50_257
HALF = np.arange(SAMPLES // 2)
DOUBLES = 8 * SAMPLES * CLASSES  # bytes of one output in double precision, 38 MiB


@pytest.fixture(scope="module")
def outputs():
    """Two samples of each of 50 classes: the most classes whose means are taken."""
    rng = np.random.default_rng(0)
    labels = np.repeat(1000 * HALF, 2)
    found = rng.standard_normal((3, SAMPLES, CLASSES), dtype=np.float32)
    found[:, np.arange(SAMPLES), labels] += 12
    return labels, *found


def anchors(soft):
    return [Anchor(logits=soft, temperature=4)]


# Copies of one output in double precision that each may have at once. Diagnostics: means of half
# the rows, of both networks, and as much noise and its centred copy. Mixtures: logits and residuals
# of two students and of the mixed anchors, two directions and the dual labels, with one more for
# what is being made (advice: of half of the samples). Spectra: both sides, and their triangle's.
CALLS = {
    "diagnose": (2.5, lambda y, s, t, a: diagnose(y, s, t, [1.0, 4.0])),
    "balance": (10, lambda y, s, t, a: Balance(labels=y, student=s, teacher=t, anchors=anchors(a))
                .coefficients(4, 1.0)),
    "advise": (9, lambda y, s, t, a: advise(y, s, t, anchors=anchors(a), split=HALF,
                                            temperatures=[4], hard_weights=[0])),
    "loss": (1.5, lambda y, s, t, a: loss(y, s, t, temperature=4, soft_weight=0.5)),
    "gradient": (3, lambda y, s, t, a: logit_gradient(y, s, t, temperature=4, soft_weight=0.5)),
    "gain": (1, lambda y, s, t, a: gain_measured(y, s, t, 4)),
    "law": (1, lambda y, s, t, a: generalized_wishart_of_outputs(y, s, 1.0)),
    "spectrum": (5, lambda y, s, t, a: h_spectrum(y, s, t, 4.0, 0.7, draws=0)),
    "masked": (2.5, lambda y, s, t, a: diagnose(y % 50, *(
        np.where(np.arange(CLASSES) % 2, np.float32(-np.inf), x) for x in (s, t)))),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_the_peak_is_a_few_copies_of_the_data(outputs, name):
    copies, call = CALLS[name]
    tracemalloc.start()
    call(*outputs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < copies * DOUBLES < 8 * CLASSES**2 / 20


def test_what_needs_the_square_says_so_beforehand(outputs):
    labels, student, *_ = outputs
    with pytest.raises(ValueError, match=r"K <= 11585\): H would take 18.8 GiB.*of h_spectrum"):
        h_matrix(labels, student, 1.0)
    values = np.linspace(-1, 1, 20_000)
    with pytest.raises(ValueError, match=r"20000 x 20000 takes 2.98 GiB.* give draws=0"):
        compare(values, {"law": Semicircle(variance=1.0)}, draws=1)


def test_diagnostics_say_what_was_left_out(monkeypatch):
    rng = np.random.default_rng(0)
    labels = rng.integers(8, size=200)
    student, teacher = 2 * np.eye(8)[labels] + rng.standard_normal((2, 200, 8))
    whole = {one.name for one in diagnose(labels, student, teacher)}
    for module in ("class_means", "diagnostics"):
        monkeypatch.setattr(f"mvtheory.distillation.{module}.GROUPED", 63)
    few = {one.name: one for one in diagnose(labels, student, teacher)}
    out = [f"{name}'s {what} at T = 1" for name in ("student", "teacher")
           for what in ("wrong classes", "participation number")]  # fmt: skip
    assert whole - set(few) == set(out)
    assert set(few) - whole == {"mean P by label"}
    assert "8 x 8 numbers would take" in few["mean P by label"].size
    assert "left out" in few["mean P by label"].size


@pytest.mark.parametrize("temperature", [0, 1.5])
@pytest.mark.parametrize("dual", [False, True])
def test_small_matrices_have_the_eigenvalues_of_the_large_one(dual, temperature):
    """2N < K - 1 and so no K x K, against h_matrix."""
    rng = np.random.default_rng(3)
    samples, classes, w = 30, 90, 0.7
    labels = rng.integers(classes, size=samples)
    student, teacher = 3 * np.eye(classes)[labels] + rng.standard_normal((2, samples, classes))
    found = h_spectrum(labels, student, teacher if dual else None, temperature, w, draws=0)
    if dual:
        matrix = sum(
            label_share * share * h_matrix(targets, student, t, hot)
            for label_share, targets, hot in ((1 - w, labels, None), (w, teacher, temperature))
            for share, t in ((1 - w, 1.0), (w, temperature))
        )
    else:
        matrix = h_matrix(labels, student, temperature)
    np.testing.assert_allclose(found.eigenvalues, h_eigenvalues(matrix), rtol=0, atol=1e-12)


def test_samples_of_low_rank_are_those_of_the_law(monkeypatch):
    """Mean and second moment of the eigenvalues over draws by each way, within 5 deviations."""
    law = GeneralizedWishart(aspect_ratio=6.0, correlation=0.4, scale=1.3)
    both = free_add(law, GeneralizedWishart(aspect_ratio=8.0, correlation=-0.5, scale=0.7))
    n, draws = 120, 60
    for one in (law, both):
        means = []
        for bound in (n, 0):  # small matrices, then large ones
            with monkeypatch.context() as patch:
                if not bound:
                    patch.setattr(comparison, "_factors", lambda *_: None)
                rng = np.random.default_rng(5)
                seen = [comparison._sampled(one, n, rng) for _ in range(draws)]
            means.append(np.array([[v.mean(), (v**2).mean()] for v in seen]))
        error = np.sqrt((means[0].var(axis=0) + means[1].var(axis=0)) / draws)
        assert (np.abs(means[0].mean(axis=0) - means[1].mean(axis=0)) < 5 * error).all()
