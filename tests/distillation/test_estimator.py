"""The weights and the estimator: numbers fixed beforehand, limits, and the inverse of the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.distillation import (
    calibrated_soft_weight,
    chi_measured,
    distillation_weight,
    estimate,
    estimate_dual,
    estimate_printed,
    estimate_test,
    gain_free,
    gain_from_edges,
    soft_weight,
    soft_weight_from_alpha,
)
from mvtheory.laws import GeneralizedWishart
from mvtheory.laws.contract.spectrum import hull

# Computed with mpmath at 25 digits from the equations of the source or, for `dual` and `test`, of
# their repaired forms, before this code was written.
ALPHA = 144.0  # a_H = 0.1, T = 4
GAIN_FREE = 0.4444444444444444444444444  # K = 10, p = 1/2
RHO = 0.4949494949494949494949  # chance-corrected accuracy 1/2 of 100 classes
PRINTED = 1.046037253469685902118335  # K = 10, a_S = .6, g = 4/9, chi = 1.1, T = 4, a_H = .1
DUAL = 0.3520818115412710007304602  # the same
TEST = 0.6486486486486486486486486  # the same
PRINTED_2 = 0.36904  # K = 100, a_S = .45, g = .5, chi = 1.2, T = 3, alpha = 2
TEST_2 = 0.4852  # the same
DUAL_OF_TEST = 0.43  # a_D = .55, K = 10, T = 4, alpha = 16, h^ = .3
CALIBRATED = 0.6888888888888888888889  # a_S = .6, a_soft = .7, T = 4, alpha = 16, c = 1/2
EDGE_LOW = 0.0479286510185997416550304  # q = .1, rho = .5, s = .8
EDGE_GAIN = 0.4  # s rho of it


def test_weights_have_the_values_fixed_beforehand():
    assert distillation_weight(hard_weight=0.1, temperature=4) == pytest.approx(ALPHA, rel=1e-15)
    assert distillation_weight.exact(hard_weight="0.1", temperature=4) == int(ALPHA)
    w = soft_weight.exact(hard_weight="0.1", temperature=4)
    assert w == soft_weight_from_alpha.exact(distillation_weight=144, temperature=4)
    assert soft_weight(hard_weight=0, temperature=7.5) == 1
    assert soft_weight(hard_weight=1, temperature=7.5) == 0
    with pytest.raises(ValueError, match="hard_weight=0"):
        distillation_weight(hard_weight=0, temperature=4)


@given(st.floats(1e-6, 1), st.floats(1e-3, 1e6))
def test_weights_are_one_weight(hard, t):
    alpha = distillation_weight(hard_weight=hard, temperature=t)
    w = soft_weight(hard_weight=hard, temperature=t)
    again = soft_weight_from_alpha(distillation_weight=alpha, temperature=t)
    # Ten roundings at most, of positive terms.
    assert w == pytest.approx(again, rel=2e-15)
    # The two weights of Hinton's loss, in the proportion of the source's.
    assert w * t * hard == pytest.approx((1 - w) * (1 - hard) * t**2, rel=1e-12, abs=1e-15 * t**2)


def test_gains_have_the_values_fixed_beforehand():
    assert gain_free(label_probability=0.5, classes=10) == pytest.approx(GAIN_FREE, rel=1e-15)
    assert gain_free(label_probability=0.5, classes=100) == pytest.approx(RHO, rel=1e-15)
    assert gain_free.exact(label_probability="1/7", classes=7) == 0
    assert gain_free(label_probability=[0, 1], classes=3).tolist() == [-0.5, 1]


def test_printed_dual_and_test_form_have_the_values_fixed_beforehand():
    given_ = {"classes": 10, "student_accuracy": 0.6, "chi": 1.1}
    gain = gain_free(label_probability=0.5, classes=10)
    w = soft_weight(hard_weight=0.1, temperature=4)
    printed = estimate_printed(**given_, gain=gain, temperature=4, distillation_weight=ALPHA)
    assert printed == pytest.approx(PRINTED, rel=2e-15)
    assert estimate_dual(**given_, gain=gain, soft_weight=w) == pytest.approx(DUAL, rel=2e-15)
    assert estimate_test(**given_, soft_weight=w) == pytest.approx(TEST, rel=2e-15)
    other = {"classes": 100, "student_accuracy": 0.45, "chi": 1.2}
    printed = estimate_printed(**other, gain=0.5, temperature=3, distillation_weight=2)
    assert printed == pytest.approx(PRINTED_2, rel=2e-15)
    assert estimate_test(**other, soft_weight=0.4) == pytest.approx(TEST_2, rel=2e-15)


def test_the_dual_form_is_the_test_form_times_what_right_answers_get():
    """1/K + h_D (T + alpha g)/(T + alpha), g = h^/h of the distilled student."""
    w = soft_weight_from_alpha(distillation_weight=16, temperature=4)
    h = 0.55 - 0.1
    dual = 0.1 + h * (1 - w + w * 0.3 / h)
    assert dual == pytest.approx(DUAL_OF_TEST, rel=2e-15)
    # The estimator agrees: a student that distillation leaves at 0.55.
    found = estimate_dual(classes=10, student_accuracy=0.55, soft_weight=w, gain=0.3 / h, chi=1)
    assert found == pytest.approx(DUAL_OF_TEST, rel=4e-15)


def test_the_calibrated_temperature_has_the_value_fixed_beforehand():
    w = soft_weight_from_alpha(distillation_weight=16, temperature=4)
    at_half = soft_weight_from_alpha(distillation_weight=16, temperature=2)
    w_c = calibrated_soft_weight(soft_weight=w, temperature_factor=0.5)
    assert w_c == pytest.approx(at_half, rel=1e-15)
    chi = chi_measured(soft_only_accuracy=0.7, student_accuracy=0.6, classes=10)
    found = estimate(classes=10, student_accuracy=0.6, soft_weight=w_c, chi=chi)
    assert found.accuracy == pytest.approx(CALIBRATED, rel=2e-15)


PROBLEMS = st.fixed_dictionaries(
    {
        "classes": st.integers(2, 1000),
        "student_accuracy": st.floats(0.51, 1),
        "chi": st.floats(-1, 3),
        "gain": st.floats(-0.5, 2),
    }
)


@given(PROBLEMS, st.floats(0, 0.999), st.floats(0.1, 100))
def test_the_forms_are_related_as_their_derivations_say(problem, w, t):
    test, dual, printed = (
        estimate(**problem, soft_weight=w, temperature=t, form=form).accuracy
        for form in ("test", "dual", "printed")
    )
    k, a, chi, g = (problem[n] for n in ("classes", "student_accuracy", "chi", "gain"))
    # The test form is the line between the student of hard labels and that of soft ones.
    soft_only = 1 / k + (a - 1 / k) * chi
    assert test == pytest.approx((1 - w) * a + w * soft_only, abs=1e-14)
    assert dual - 1 / k == pytest.approx((test - 1 / k) * (1 - w + w * g), abs=1e-14)
    factor = t * ((1 - w) / t + w * g) * ((1 - w) / t + w * chi)
    assert printed - 1 / k == pytest.approx((a - 1 / k) * factor, rel=1e-11, abs=1e-13)


@given(PROBLEMS, st.floats(1.5, 50))
def test_without_soft_labels_all_forms_but_the_printed_one_change_nothing(problem, t):
    k, a = problem["classes"], problem["student_accuracy"]
    values = {
        form: estimate(**problem, soft_weight=0, temperature=t, form=form).accuracy
        for form in ("test", "dual", "printed")
    }
    assert values["test"] == pytest.approx(a, rel=1e-15)
    assert values["dual"] == pytest.approx(a, rel=1e-15)
    assert values["printed"] - 1 / k == pytest.approx((a - 1 / k) / t, rel=1e-13)


def test_soft_labels_alone_give_back_the_soft_only_student():
    chi = chi_measured(soft_only_accuracy=0.73, student_accuracy=0.6, classes=10)
    found = estimate(classes=10, student_accuracy=0.6, soft_weight=1, chi=chi)
    assert found.accuracy == pytest.approx(0.73, rel=1e-15)
    # Below chance too: a teacher whose classes are permuted.
    chi = chi_measured(soft_only_accuracy=0.02, student_accuracy=0.6, classes=10)
    assert chi < 0
    found = estimate(classes=10, student_accuracy=0.6, soft_weight=1, chi=chi)
    assert found.accuracy == pytest.approx(0.02, abs=1e-15)


def test_every_estimate_says_what_it_assumes_and_when_it_is_no_accuracy():
    given_ = {"classes": 10, "student_accuracy": 0.6, "soft_weight": 0.8, "chi": 1.1,
              "gain": 0.444, "temperature": 4}  # fmt: skip
    for form, words in (
        ("test", ["uniform teacher", "permuted", "soft labels alone"]),
        ("dual", ["dual labels", "test accuracy"]),
        ("printed", ["as printed", "1/T", "exceed 1"]),
    ):
        found = estimate(**given_, form=form)
        assert found.form == form
        assert 0 <= found.accuracy <= 1
        assert "assumes" in found.explanation
        assert "outside" not in found.explanation
        for word in words:
            assert word in found.explanation
    beyond = estimate(**(given_ | {"chi": 8}), form="printed")
    assert beyond.accuracy > 1
    assert f"{beyond.accuracy:.6g} lies outside [0, 1]" in beyond.explanation
    below = estimate(**(given_ | {"chi": -3}))
    assert below.accuracy < 0
    assert "lies outside [0, 1]" in below.explanation
    assert estimate(classes=10, student_accuracy=0.6, soft_weight=0.8, chi=1.1).form == "test"


def test_estimates_that_are_refused():
    good = {"classes": 10, "student_accuracy": 0.6, "soft_weight": 0.8, "chi": 1.1,
            "gain": 0.4, "temperature": 4}  # fmt: skip
    with pytest.raises(
        ValueError, match=r"form='exact' is not allowed .*'printed', 'dual', 'test'"
    ):
        estimate(**good, form="exact")
    for form in ("dual", "printed"):
        with pytest.raises(ValueError, match=r"gain=None is not allowed .*gain_measured"):
            estimate(**(good | {"gain": None}), form=form)
    with pytest.raises(ValueError, match="temperature=None is not allowed for form='printed'"):
        estimate(**(good | {"temperature": None}), form="printed")
    with pytest.raises(ValueError, match=r"soft_weight=1 is not allowed .* < 1"):
        estimate(**(good | {"soft_weight": 1}), form="printed")
    for name, bad in (("classes", 1), ("student_accuracy", 1.2), ("soft_weight", -0.1),
                      ("chi", np.nan), ("gain", "1"), ("temperature", 0),
                      ("chi", [1.0, 2.0])):  # fmt: skip
        with pytest.raises(ValueError, match=f"^{name}=.* is not allowed"):
            estimate(**(good | {name: bad}), form="printed")


def test_chi_needs_a_student_that_is_better_than_chance():
    # 0.3 - 0.2 is 0.1 less a rounding, 0.1 + 1e-17 a little more.
    for accuracy in (0.1, 0.3 - 0.2, np.nextafter(0.1, 1), 0.05, 0):
        with pytest.raises(ValueError, match=r"student_accuracy=.* 0.1 <= .*above chance"):
            chi_measured(soft_only_accuracy=0.5, student_accuracy=accuracy, classes=10)
    for name, bad in (("soft_only_accuracy", 1.1), ("student_accuracy", -1), ("classes", 2.5)):
        good = {"soft_only_accuracy": 0.5, "student_accuracy": 0.6, "classes": 10}
        with pytest.raises(ValueError, match=f"^{name}="):
            chi_measured(**(good | {name: bad}))


def test_edges_give_the_gain_fixed_beforehand():
    low, high = hull(GeneralizedWishart(aspect_ratio=0.1, correlation=0.5, scale=0.8))
    assert low == pytest.approx(EDGE_LOW, rel=1e-14)
    assert gain_from_edges(low, high, aspect_ratio=0.1) == pytest.approx(EDGE_GAIN, rel=1e-14)


@given(st.floats(-9, 9), st.floats(-1, 1), st.floats(1e-6, 1e6))
def test_edges_are_inverted_everywhere(log_ratio, correlation, scale):
    q = 10**log_ratio
    low, high = hull(GeneralizedWishart(aspect_ratio=q, correlation=correlation, scale=scale))
    found = gain_from_edges(low, high, aspect_ratio=q)
    # The mean s rho from edges good to rounding: their own size and that of the spread count.
    size = max(abs(low), abs(high))
    assert found == pytest.approx(scale * correlation, abs=2e-14 * size)


def test_edges_of_a_sampled_spectrum_give_its_mean():
    n, q, rho, s = 400, 0.2, 0.6, 0.7
    law = GeneralizedWishart(aspect_ratio=q, correlation=rho, scale=s)
    eigenvalues = np.linalg.eigvalsh(law.matrix(n, np.random.default_rng(3)))
    found = gain_from_edges(eigenvalues[0], eigenvalues[-1], aspect_ratio=q)
    # Extreme eigenvalues leave the edges by a few n^(-2/3) of the spread.
    width = eigenvalues[-1] - eigenvalues[0]
    assert found == pytest.approx(s * rho, abs=3 * n ** (-2 / 3) * width)
    assert found == pytest.approx(eigenvalues.mean(), abs=3 * n ** (-2 / 3) * width)


def test_edges_that_are_refused():
    for low, high in ((1, 1), (2, 1), (np.nan, 1), (0, np.inf), ([0.0, 1.0], 2)):
        with pytest.raises(ValueError, match=r"low=.*least and the largest eigenvalue"):
            gain_from_edges(low, high, aspect_ratio=0.5)
    with pytest.raises(
        ValueError, match=r"at aspect_ratio=0.5 .* from -1.06066 to 1.06066, here 3"
    ):
        gain_from_edges(1, 2, aspect_ratio=0.5)
    with pytest.raises(ValueError, match="aspect_ratio=0"):
        gain_from_edges(0, 1, aspect_ratio=0)
