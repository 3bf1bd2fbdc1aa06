"""The spectrum of H: projections, laws from outputs and from eigenvalues, comparisons."""

import numpy as np
import pytest
import torch
from scipy import stats

from mvtheory.distillation.comparison import compare, h_eigenvalues, kolmogorov_distance
from mvtheory.distillation.dual import dual_labels, dual_outputs
from mvtheory.distillation.matrices import h_matrix
from mvtheory.distillation.outputs import softmax
from mvtheory.distillation.spectra import h_spectrum
from mvtheory.distillation.wishart import fit_generalized_wishart, generalized_wishart_of_outputs
from mvtheory.laws import (
    ConfusionLaw,
    Discrete,
    GeneralizedWishart,
    MarchenkoPastur,
    Semicircle,
    free_add,
)


def noisy(samples, classes, signal=2.0, seed=0, noise=1.0):
    """Labels and logits whose classes are exchangeable."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    logits = noise * rng.standard_normal((samples, classes))
    logits[np.arange(samples), labels] += signal
    return labels, logits


def one_hot_outputs(classes, each, accuracy, seed=0):
    """Balanced labels and logits with uniform errors."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    wrong = (labels + rng.integers(1, classes, labels.size)) % classes
    chosen = np.where(rng.random(labels.size) < accuracy, labels, wrong)
    return labels, 5.0 * (chosen[:, None] == np.arange(classes))


@pytest.mark.parametrize("classes", [2, 3, 17])
def test_eigenvalues_are_those_of_an_explicit_projection(classes):
    rng = np.random.default_rng(classes)
    h = rng.standard_normal((classes, classes))
    h = h + h.T
    basis = np.linalg.svd(np.eye(classes) - 1 / classes)[0][:, : classes - 1]
    expected = classes * np.linalg.eigvalsh(basis.T @ h @ basis)
    assert h_eigenvalues(h) == pytest.approx(expected, abs=1e-12)
    # What is centred away lies along the all-ones vector.
    shift = rng.standard_normal(classes)
    moved = h + shift[:, None] + shift
    assert h_eigenvalues(moved) == pytest.approx(expected, abs=1e-12)


def test_eigenvalues_of_the_centred_matrix_with_one_zero_left_out():
    labels, logits = noisy(50, 6)
    h = h_matrix(labels, logits, temperature=0.7)
    full = 6 * np.linalg.eigvalsh(h)
    left = np.delete(full, np.argmin(np.abs(full)))
    assert h_eigenvalues(h) == pytest.approx(left, abs=1e-13)


@pytest.mark.parametrize("temperature", [0, 0.5, 3.0])
def test_the_law_of_outputs_has_the_moments_of_the_rows(temperature):
    labels, logits = noisy(400, 12)
    p, k = softmax(logits, temperature), 12
    law = generalized_wishart_of_outputs(labels, logits, temperature=temperature)
    square = (np.mean((p**2).sum(axis=1)) - 1 / k) / (1 - 1 / k)
    assert law.scale**2 == pytest.approx(square, rel=1e-12)
    right = (np.mean(p[np.arange(400), labels]) - 1 / k) / (1 - 1 / k)
    assert law.scale * law.correlation == pytest.approx(right, rel=1e-12)
    assert law.aspect_ratio == 11 / 400
    # Tr H is exact: the mean of the eigenvalues is the law's.
    values = h_eigenvalues(h_matrix(labels, logits, temperature=temperature))
    assert values.mean() == pytest.approx(law.moment(1), rel=1e-12)


def test_temperature_zero_has_scale_one_and_the_accuracy():
    """rho(chance-corrected) at accuracy .5 and 100 classes, golden: .494949..."""
    labels = np.repeat(np.arange(100), 2)
    logits = np.where((labels[:, None] + np.arange(200)[:, None] % 2) % 100 == np.arange(100), 3, 0)
    law = generalized_wishart_of_outputs(labels, logits, temperature=0)
    assert law.scale == pytest.approx(1, rel=1e-13)
    assert law.correlation == pytest.approx(0.4949494949494949, rel=1e-12)


def test_planted_gaussian_rows_are_recovered():
    """Rows 1/K + small Gaussian vectors: probabilities that follow the law exactly."""
    classes, samples, rho = 60, 300, 0.6
    rng = np.random.default_rng(5)
    x, noise = rng.standard_normal((2, samples, classes))
    p = rho * x + np.sqrt(1 - rho**2) * noise
    y, p = (rows - rows.mean(axis=1, keepdims=True) for rows in (x, p))
    # Five deviations are below 1/K.
    y, p = 1 / classes + y / (6 * classes), 1 / classes + p / (8 * classes)
    law = generalized_wishart_of_outputs(y, p)
    count = samples * (classes - 1)
    # v is a mean over `count` squares of variance 2; both sides of s^2 = v_y v_p share some.
    assert law.scale * 48 * classes == pytest.approx(1, rel=5 * np.sqrt(2 / count))
    assert law.correlation == pytest.approx(rho, abs=5 * (1 - rho**2) / np.sqrt(count))
    values = h_eigenvalues(h_matrix(y, p))
    found = compare(values, {"law": law, "wrong": law * 0.5}, draws=6, rng=2)
    # Among seven alike, one is twice the largest of the others in less than one case in 1000.
    assert found[0].distance < 2 * max(found[0].sampled_distances)
    assert found[1].distance > 3 * max(found[1].sampled_distances)
    assert found[0].variance_ratio == pytest.approx(1, abs=0.15)
    fit = fit_generalized_wishart(values, samples)
    assert fit.correlation == pytest.approx(rho, abs=6 / classes)
    assert fit.scale / law.scale == pytest.approx(1, abs=6 / classes)


@pytest.mark.parametrize("by", ["moments", "edges"])
@pytest.mark.parametrize(("q", "rho", "scale"), [(0.2, 0.4, 0.7), (3.0, -0.3, 2.0), (1.5, 0.9, 1)])
def test_fits_recover_a_law_from_its_quantiles_and_its_matrices(by, q, rho, scale):
    law = GeneralizedWishart(aspect_ratio=q, correlation=rho, scale=scale)
    size = 240
    exact = law.ppf((np.arange(size) + 0.5) / size)
    if by == "edges":
        exact[0], exact[-1] = law.support[0][0], law.support[-1][1]
    fit = fit_generalized_wishart(exact, round(size / q), by=by)
    # The rule of midpoints is off by the largest step over the size; the edges are exact.
    allowed = 3 / size if by == "moments" else 1e-9
    assert fit.correlation == pytest.approx(rho, abs=allowed)
    assert fit.scale == pytest.approx(scale, rel=allowed)
    values = np.linalg.eigvalsh(law.matrix(size, np.random.default_rng(7)))
    fit = fit_generalized_wishart(values, round(size / q), by=by)
    # Linear statistics move by order 1/size, extreme eigenvalues by size^(-2/3).
    allowed = 8 / size if by == "moments" else 3 * size ** (-2 / 3)
    assert fit.correlation == pytest.approx(rho, abs=allowed)
    assert fit.scale == pytest.approx(scale, rel=allowed)


@pytest.mark.parametrize("by", ["moments", "edges"])
@pytest.mark.parametrize("sign", [1, -1])
def test_eigenvalues_too_narrow_get_the_nearest_correlation(by, sign):
    values = sign * np.linspace(0.95, 1.05, 20)
    fit = fit_generalized_wishart(values, 100, by=by)
    assert fit.correlation == sign
    if by == "moments":
        assert fit.moment(1) == pytest.approx(sign, rel=1e-12)


def test_one_hot_outputs_follow_the_confusion_law():
    """Golden distances at 1000 classes of 10, accuracy .6: .106 and .028, variance .044."""
    labels, logits = one_hot_outputs(300, 10, 0.6)
    found = h_spectrum(labels, logits, temperature=0, draws=1)
    wishart, confusion, fitted = found.comparisons
    assert isinstance(confusion.law, ConfusionLaw)
    assert confusion.law.balanced
    # Fewer classes, and an accuracy that is drawn: both move a distance by about 1/sqrt(3000).
    assert wishart.distance == pytest.approx(0.106, abs=0.016)
    assert confusion.distance == pytest.approx(0.028, abs=0.016)
    assert confusion.distance < 2 * max(confusion.sampled_distances)
    assert wishart.distance > 5 * max(wishart.sampled_distances)
    # Of 300 nearly independent diagonal entries: sqrt(2/300) = 8 percent.
    assert confusion.variance_ratio == pytest.approx(1, abs=0.32)
    assert found.eigenvalues.var() == pytest.approx(0.044, rel=0.32)
    assert fitted.variance_ratio == pytest.approx(1, rel=1e-9)
    assert not found.notes


def test_random_labels_are_told_from_balanced_ones():
    labels, logits = noisy(600, 20)
    assert not h_spectrum(labels, logits, temperature=0, draws=0).laws["confusion"].balanced
    labels, logits = noisy(30, 20)
    found = h_spectrum(labels, logits, temperature=0, draws=0)
    assert "confusion" not in found.laws
    assert "N/K = 1.5" in found.notes[0]


def test_the_dual_model_has_the_matrix_of_its_rows_and_two_laws():
    t, w, k, samples = 3.0, 0.6, 15, 200
    labels, student = noisy(samples, k)
    teacher = noisy(samples, k, seed=3)[1] + 4 * np.eye(k)[labels]
    found = h_spectrum(labels, student, teacher, temperature=t, soft_weight=w, draws=1)
    y = dual_labels(labels, teacher, temperature=t, soft_weight=w)
    p = dual_outputs(student, temperature=t, soft_weight=w)
    assert found.eigenvalues == pytest.approx(h_eigenvalues(h_matrix(y, p)), abs=1e-12)
    joint = found.laws["generalised Wishart"]
    direct = generalized_wishart_of_outputs(y, p)
    assert (joint.scale, joint.correlation) == pytest.approx((direct.scale, direct.correlation))

    def product(a, b):
        return k / (k - 1) * np.mean(((a - 1 / k) * (b - 1 / k)).sum(axis=1))

    # Free parts: the same mean, and a variance without the covariances between the parts.
    free = found.laws["free sum of hard and soft part"]
    hard, soft = np.eye(k)[labels], softmax(teacher, t)
    assert free.moment(1) == pytest.approx(joint.moment(1), rel=1e-12)
    missing = product(hard, soft) * product(p, p) + product(hard, p) * product(soft, p)
    missing *= w * (1 - w) * (k - 1) / samples
    gap = joint.free_cumulant(2) - free.free_cumulant(2)
    assert gap == pytest.approx(missing, rel=1e-9)
    for end in (0.0, 1.0):
        only = h_spectrum(labels, student, teacher, temperature=t, soft_weight=end, draws=0)
        assert "free sum of hard and soft part" not in only.laws
    assert found.soft_weight == w
    assert found.aspect_ratio == (k - 1) / samples


def test_a_population_confusion_matrix_is_told():
    labels, logits = noisy(4000, 10)
    assert not h_spectrum(labels, logits, draws=0).notes
    # Two classes are taken for each other.
    logits[:, 0] += 3 * (labels == 1)
    found = h_spectrum(labels, logits, draws=0)
    assert found.comparisons[0].variance_ratio > 5
    assert "population" in found.notes[0]


def test_the_distance_is_that_of_kolmogorov():
    law = Semicircle(variance=2.0)
    values = np.random.default_rng(4).normal(size=50)
    expected = stats.kstest(values, law.cdf).statistic
    assert kolmogorov_distance(law, values) == pytest.approx(expected, rel=1e-12)
    points = Discrete(atoms=[0, 1], weights=[0.25, 0.75])
    assert kolmogorov_distance(points, [1e-12, 1, 1, 1]) == pytest.approx(0, abs=1e-12)
    wishart = MarchenkoPastur(aspect_ratio=2)
    values = np.linalg.eigvalsh(wishart.matrix(80, np.random.default_rng(0)))
    assert kolmogorov_distance(wishart, values) < 5 / 80


def test_comparisons_are_reproduced_and_speak():
    law = GeneralizedWishart(aspect_ratio=0.5, correlation=0.2)
    values = law.ppf((np.arange(30) + 0.5) / 30)
    one, two = (compare(values, {"law": law}, draws=2, rng=3)[0] for _ in range(2))
    assert one.sampled_distances == two.sampled_distances
    assert one.observed[3] == pytest.approx(np.mean(values**4))
    assert one.predicted == pytest.approx([law.moment(k) for k in (1, 2, 3, 4)])
    assert str(one).startswith("law: distance 0.0167, matrices of the law up to")
    assert compare(values, {"law": law}, draws=0)[0].sampled_distances == ()
    assert compare(values, {"one": Discrete(atoms=[1], weights=[1])})[0].variance_ratio == np.inf


@pytest.mark.parametrize("q", [0.04, 0.8, 2.5])
def test_the_sampled_matrices_are_those_of_the_law(q):
    law = GeneralizedWishart(aspect_ratio=q, correlation=0.4, scale=1.3)
    both = free_add(law, GeneralizedWishart(aspect_ratio=q, correlation=-0.7, scale=0.5))
    values = law.ppf((np.arange(150) + 0.5) / 150)
    for found in compare(values, {"one": law, "sum": both}, draws=8, rng=4):
        level = found.sampled_distances
        # Rigid eigenvalues: of order log n/n, as the law's own `matrix` has it.
        own = np.linalg.eigvalsh(found.law.matrix(150, np.random.default_rng(5)))
        assert max(level) < 5 / 150
        assert min(level) / 3 < kolmogorov_distance(found.law, own) < 3 * max(level)


def test_what_is_refused():
    labels, logits = noisy(30, 4)
    with pytest.raises(ValueError, match=r"matrix of shape \(2, 3\) is not allowed"):
        h_eigenvalues(np.ones((2, 3)))
    with pytest.raises(ValueError, match="matrix is not symmetric"):
        h_eigenvalues([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"eigenvalues of shape \(0,\) are not allowed"):
        fit_generalized_wishart([], 10)
    with pytest.raises(ValueError, match="all the same"):
        fit_generalized_wishart([1, 1], 10)
    with pytest.raises(ValueError, match="by='eye' is not allowed"):
        fit_generalized_wishart([1, 2], 10, by="eye")
    with pytest.raises(ValueError, match="samples=0"):
        fit_generalized_wishart([1, 2], 0)
    with pytest.raises(ValueError, match="draws=-1"):
        h_spectrum(labels, logits, draws=-1)
    with pytest.raises(ValueError, match="temperature=-1"):
        h_spectrum(labels, logits, temperature=-1)
    with pytest.raises(ValueError, match="soft_weight=2"):
        h_spectrum(labels, logits, logits, soft_weight=2)
    with pytest.raises(ValueError, match="uniform in every row"):
        h_spectrum(labels, np.zeros((30, 4)))
    with pytest.raises(ValueError, match="teacher_logits of shape"):
        h_spectrum(labels, logits, logits[:, :3])
    with pytest.raises(ValueError, match="predictions holds rows that are no probabilities"):
        generalized_wishart_of_outputs(labels, logits)


LAW = GeneralizedWishart(aspect_ratio=0.5, correlation=0.2)
TAKES = {
    "kolmogorov_distance": lambda v: kolmogorov_distance(LAW, v),
    "compare": lambda v: compare(v, {"law": LAW}, draws=0)[0].distance,
    "fit": lambda v: fit_generalized_wishart(v, 60).scale,
}


@pytest.mark.parametrize("name", TAKES)
def test_eigenvalues_are_real_numbers_in_the_open(name):
    """Of a Ginibre matrix they are complex, and real parts are another question."""
    matrix = np.random.default_rng(0).standard_normal((30, 30)) / np.sqrt(30)
    call = TAKES[name]
    with pytest.raises(ValueError, match=r"complex128 are not allowed \(real numbers\); for"):
        call(np.linalg.eigvals(matrix))
    values = np.linalg.eigvalsh(matrix + matrix.T)
    # What a general solver returns for a symmetric matrix has imaginary parts 0.
    for same in (values.astype(complex), torch.tensor(values, requires_grad=True), values.tolist(),
                 np.ma.array(values, mask=False)):  # fmt: skip
        assert call(same) == call(values)
    hidden = np.ma.array(values, mask=np.arange(30) < 3)
    with pytest.raises(ValueError, match="masked array, 3 of its entries are hidden"):
        call(hidden)
    assert call(hidden.compressed()) == call(values[3:])
    with pytest.raises(ValueError, match="are not allowed"):
        call(["a", "b"])


def test_the_matrix_is_symmetric_to_the_rounding_of_its_type():
    labels, logits = noisy(50, 6)
    h = h_matrix(labels, logits, temperature=0.7)
    expected = h_eigenvalues(h)
    rng = np.random.default_rng(0)
    for dtype, unit in ((np.float64, 2.0**-53), (np.float32, 2.0**-24)):
        off = (h * (1 + unit * rng.choice([-1, 1], h.shape))).astype(dtype)
        assert (off != off.T).any()
        # Norms: an error of 6 roundings of the largest entry, times K.
        found = h_eigenvalues(off)
        assert found == pytest.approx(expected, abs=36 * unit * np.abs(h).max() * 6)
    for bad, part in (
        (h.astype(complex) + 1e-3j, "complex128"),
        (np.ma.array(h, mask=np.eye(6) > 0), "masked array"),
        (h + np.triu(1e-4 * np.abs(h)), "not symmetric"),
        ([[1.0]], "K >= 2"),
        (h * np.nan, "NaN"),
    ):
        with pytest.raises(ValueError, match=part):
            h_eigenvalues(bad)
