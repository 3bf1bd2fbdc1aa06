"""What networks put out is checked, read in blocks and turned into probabilities."""

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.arrays import as_array
from mvtheory.distillation import outputs
from mvtheory.distillation.labels import check_labels
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    blocks,
    check_logits,
    check_probabilities,
    check_rows,
    softmax,
)

EPS = np.finfo(float).eps


@given(rows=st.integers(1, 5000), classes=st.integers(2, 3000), block=st.integers(1, 10**5))
def test_blocks_are_all_rows_once_and_small(rows, classes, block):
    before = outputs.BLOCK
    try:
        outputs.BLOCK = block
        parts = list(blocks(rows, classes))
    finally:
        outputs.BLOCK = before
    seen = [i for part in parts for i in range(rows)[part]]
    assert seen == list(range(rows))
    assert all(part.stop - part.start <= max(1, block // classes) for part in parts)


@pytest.mark.parametrize("temperature", [1e-3, 0.5, 1.0, 2.5, 1e6])
def test_softmax_has_the_digits_of_mpmath(temperature):
    logits = np.array([[1.25, -3.5, 7.0, 7.0], [-0.125, 0.25, 0.5, 0.0]])
    with mpmath.workdps(40):
        for row, found in zip(logits, softmax(logits, temperature), strict=True):
            terms = [mpmath.exp(mpmath.mpf(x) / mpmath.mpf(temperature)) for x in row]
            for term, value in zip(terms, found, strict=True):
                expected = term / mpmath.fsum(terms)
                # A logit gap of d in units of T is rounded to d eps before the exponential.
                gap = (row.max() - row.min()) / temperature
                if expected > 1e-300:
                    assert abs(value / expected - 1) <= (gap + 6) * EPS
                else:
                    assert value <= 1e-300


def test_softmax_at_its_ends():
    logits = np.array([[1.0, 3.0, 3.0], [-1e308, 1e308, 0.0]])
    np.testing.assert_array_equal(softmax(logits, 0), [[0, 1, 0], [0, 1, 0]])
    # Quotients beyond all doubles are no warning and no NaN.
    np.testing.assert_array_equal(softmax(logits, 1e-3), [[0, 0.5, 0.5], [0, 1, 0]])
    np.testing.assert_array_equal(softmax(logits[1:], 1e-310), [[0, 1, 0]])
    np.testing.assert_array_equal(softmax(np.zeros((2, 4), dtype=np.float16), 3.0), 0.25)


def test_softmax_leaves_what_it_is_given_as_it_is():
    logits = np.array([[1.0, 3.0, -2.0]])
    softmax(logits, 2.0)
    np.testing.assert_array_equal(logits, [[1.0, 3.0, -2.0]])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_tensors_are_arrays(dtype):
    tensor = torch.tensor([[0.5, -2.0], [1.0, 8.0]], dtype=dtype, requires_grad=True)
    np.testing.assert_array_equal(as_array(tensor), [[0.5, -2.0], [1.0, 8.0]])


def test_arrays_are_not_copied():
    rows = np.ones((3, 4), dtype=np.float32)
    for check in (as_array, lambda a: check_rows("logits", a), lambda a: check_logits("a", a)):
        assert np.shares_memory(check(rows), rows)


def test_labels_that_are_taken():
    for labels in ([0, 2, 1], np.array([0, 2, 1], np.uint8), np.array([0.0, 2.0, 1.0])):
        found = check_labels(labels, 3, 3)
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, [0, 2, 1])


@pytest.mark.parametrize(
    ("labels", "part"),
    [
        ([[0, 1], [1, 0]], r"shape \(2, 2\) .*or one-hot rows"),
        ([], r"shape \(0,\)"),
        ([0.5, 1], "type float64 .* give whole numbers"),
        ([np.nan, 1], "type float64"),
        ([True, False], "type bool"),
        (["a", "b"], "type <U1"),
        ([0, 1, 3], r"labels\[2\]=3 is not allowed \(.* from 0 to 2 .*count the classes from 0"),
        ([0, -1, 2], r"labels\[1\]=-1 is not allowed"),
        ([0, 1], "labels has 2 samples, the outputs have 3"),
    ],
)
def test_labels_that_are_refused(labels, part):
    with pytest.raises(ValueError, match=part):
        check_labels(labels, 3, 3)


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([[1j, 2]], "teacher of type complex128 is not allowed"),
        ([["a", "b"]], "teacher of type <U1"),
        ([1.0, 2.0], r"teacher of shape \(2,\) is not allowed .*shape \(N, K\)"),
        ([[1.0], [2.0]], r"K >= 2"),
        (np.empty((0, 3)), r"teacher of shape \(0, 3\)"),
        ([[1.0, 2.0], [3.0, np.nan]], r"teacher\[1\] is not finite"),
        ([[np.inf, 2.0], [3.0, 4.0]], r"teacher\[0\] is not finite"),
        ([[1.0, 2.0]], r"teacher of shape \(1, 2\) .* the other outputs have shape \(2, 2\)"),
        ([[0.25, 0.75], [1.0, 0.0]], r"teacher holds probabilities .* np.log of the prob"),
    ],
)
def test_logits_that_are_refused(rows, part):
    with pytest.raises(ValueError, match=part):
        check_logits("teacher", rows, like=(2, 2) if len(rows) == 1 else None)


def test_the_row_at_fault_is_named_beyond_the_first_block(monkeypatch):
    monkeypatch.setattr(outputs, "BLOCK", 8)
    rows = np.zeros((50, 4))
    rows[37, 2] = np.nan
    with pytest.raises(ValueError, match=r"student\[37\] is not finite"):
        check_logits("student", rows)


def test_probabilities_are_told_from_logits(monkeypatch):
    monkeypatch.setattr(outputs, "BLOCK", 8)
    rows = softmax(np.random.default_rng(0).standard_normal((20, 4)), 1.0)
    assert check_probabilities("p", rows) is rows
    check_probabilities("p", rows.astype(np.float16))
    check_probabilities("p", np.eye(3, dtype=int))
    # One row that is not a probability vector makes no probabilities of all; one number below 0
    # makes logits of them (numbers in [0, 1] alone may be sigmoids, which are no logits).
    rows[-1] *= 1.01
    check_logits("p", np.where(rows == rows[-1, 0], -0.1, rows))
    with pytest.raises(ValueError, match=r"p holds rows that are no probabilities .*logits"):
        check_probabilities("p", rows)
    with pytest.raises(ValueError, match="no probabilities"):
        check_probabilities("p", [[1.5, -0.5]])


def test_one_number_is_one_number():
    assert TEMPERATURE.number(np.float32(2.5)) == 2.5
    for bad in (0, -1, np.nan, np.inf, "2", None, True, [2.0], np.array([1.0, 2.0])):
        with pytest.raises(ValueError, match=r"temperature=.* 0.001 <= temperature <= 10\^6\)"):
            TEMPERATURE.number(bad)
