"""Data sets on which the theory is put on trial."""

from validation.data.multi_view import MULTI_VIEW, MultiViewData, Samples

__all__ = ["MULTI_VIEW", "MultiViewData", "Samples"]
