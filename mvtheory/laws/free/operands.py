"""What an operation on laws may be given."""

from typing import Any

from mvtheory.laws.contract.affine import AbstractLaw


def checked(law: Any) -> AbstractLaw:
    """The law; ValueError for anything else."""
    if not isinstance(law, AbstractLaw):
        raise ValueError(
            f"law={law!r} is not allowed (spectral law: an object of mvtheory.laws); give a law, "
            "such as Empirical(eigenvalues=...) for numbers"
        )
    return law
