"""Data sets on which the theory is put on trial."""

from validation.data.classes import Labelled, ManyClasses
from validation.data.digits import Digits, split_digits
from validation.data.multi_view import MULTI_VIEW, MultiViewData, Samples

__all__ = [
    "MULTI_VIEW",
    "Digits",
    "Labelled",
    "ManyClasses",
    "MultiViewData",
    "Samples",
    "split_digits",
]
