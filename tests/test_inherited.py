"""What students inherit by auxiliary outputs: the share by the cosines of the two starts."""

import math

import numpy as np
import pytest

from mvtheory.features import gate_share, inherited_share


def mean_and_error(values):
    return np.mean(values), 4 * np.std(values) / math.sqrt(len(values))


def test_one_step_of_relu_networks_is_the_agreement_of_their_gates():
    """Of a neuron, two starts' gates agree with probability 1 - arccos(rho)/pi."""
    rho = np.linspace(0, 1, 9)
    share = inherited_share(
        auxiliary_correlation=0.8, class_correlation=0.5, hidden_correlation=rho
    )
    assert share == pytest.approx(0.4 * (1 - np.arccos(rho) / math.pi), rel=1e-14)


@pytest.mark.parametrize("auxiliary", [5, 60])
def test_linear_students_inherit_the_product_of_the_cosines_of_the_heads(auxiliary):
    """Trained to the end, by pseudo-inverses: exact in the mean, however many outputs there are.

    With heads U of the teacher and V of the student, the hidden layer moves by U_c^+ D for class
    outputs moved by D, and that of the student by V_a^+ U_a U_c^+ D.
    """
    neurons, classes, (rho_a, rho_c) = 80, 3, (0.9, 0.6)
    found = []
    for rng in np.random.default_rng(1).spawn(700):
        own, other = (rng.standard_normal((classes + auxiliary, neurons)) for _ in range(2))
        mixing = np.repeat([rho_c, rho_a], [classes, auxiliary])[:, None]
        student = mixing * own + np.sqrt(1 - mixing**2) * other
        taken = np.linalg.pinv(student[classes:]) @ own[classes:] @ np.linalg.pinv(own[:classes])
        found.append(np.trace(student[:classes] @ taken) / classes)
    share = inherited_share(
        auxiliary_correlation=rho_a, class_correlation=rho_c, hidden_correlation=0, gate_share=0
    )
    mean, error = mean_and_error(found)
    assert mean == pytest.approx(share * auxiliary / neurons, abs=error)


def test_gates_count_as_drawn_neurons_have_them():
    """The sum that a student's class outputs take over, neuron by neuron, at rho_h and at 1.

    It is read where it was taught, so that the gates of these two agree as well: by a factor.
    Four standard errors, and 4/dimension beyond first order.
    """
    dimension, inputs, neurons, time = 80, 100, 1000, 2.0
    rng = np.random.default_rng(2)
    x = rng.standard_normal((inputs, dimension)) / math.sqrt(dimension)
    kernel = np.mean([gradient_kernel(x, own) for own in rng.spawn(20)], axis=0)
    values, vectors = np.linalg.eigh(kernel)
    learned = (vectors * (-np.expm1(-values * time) / values)) @ vectors.T
    asked = rng.standard_normal((60, dimension)) / math.sqrt(dimension)
    w, own = (rng.standard_normal((neurons, dimension)) for _ in range(2))

    def taken(rho):
        student, sums = rho * w + math.sqrt(1 - rho**2) * own, []
        for z in asked:
            reads, taught = (
                (h @ x.T > 0) * (h @ z > 0)[:, None] * (x @ z) for h in (student, w)
            )  # fmt: skip
            sums.append(np.mean(np.sum((reads @ learned) * taught, axis=1)))
        return np.array(sums)

    same = taken(1.0).mean()
    for rho in (0.0, 0.6):
        mean, error = mean_and_error(taken(rho) / same)
        share = inherited_share(
            auxiliary_correlation=1, class_correlation=1, hidden_correlation=rho,
            gate_share=gate_share(x, time),
        )  # fmt: skip
        agreeing = (1 + 2 / math.pi * math.asin(rho)) / 2
        assert mean == pytest.approx(share * agreeing, abs=error + 4 / dimension)


def gradient_kernel(x, rng, neurons=2000):
    """Of sum_r u_r sqrt(2) ReLU(<w_r, x>)/sqrt(h), from its gradients at drawn weights."""
    w, u = rng.standard_normal((neurons, x.shape[1])), rng.standard_normal(neurons)
    before = x @ w.T
    outer = math.sqrt(2) * np.maximum(before, 0)
    inner = math.sqrt(2) * u * (before > 0)
    return (outer @ outer.T + (inner @ inner.T) * (x @ x.T)) / neurons


def test_gates_count_half_at_first_and_of_orthonormal_inputs_always():
    x = np.random.default_rng(3).standard_normal((30, 20))
    assert gate_share(x, 1e-9) == pytest.approx(0.5, abs=1e-6)
    assert gate_share(np.eye(12), 7.0) == pytest.approx(0.5, rel=1e-12)
    longer = [gate_share(x, time) for time in (0.01, 0.1, 1.0)]
    assert longer == sorted(longer)
