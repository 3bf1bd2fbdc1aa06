"""Data sets on which the theory is put on trial."""

from validation.data.classes import Labelled, ManyClasses
from validation.data.digits import Digits, split_digits
from validation.data.drawn import DrawnFigures
from validation.data.folder import load
from validation.data.images import Images, ImageSet, as_channels_first, as_rows, block_mean
from validation.data.multi_view import MULTI_VIEW, MultiViewData, Samples
from validation.data.problem import ImageProblem

__all__ = [
    "MULTI_VIEW",
    "Digits",
    "DrawnFigures",
    "ImageProblem",
    "ImageSet",
    "Images",
    "Labelled",
    "ManyClasses",
    "MultiViewData",
    "Samples",
    "as_channels_first",
    "as_rows",
    "block_mean",
    "load",
    "split_digits",
]
