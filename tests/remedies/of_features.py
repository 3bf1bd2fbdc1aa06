"""Errors of regression on random features."""

import numpy as np
from remedy import Remedy

from mvtheory.features import (
    FeatureRegression,
    LinearModel,
    Outputs,
    arc_cosine_diagonal,
    arc_cosine_kernel,
    distilled_risk,
    effective_ridge,
    fit_ridge,
    flipped_classes,
    gate_share,
    relu_spectrum,
    sketched_ridge,
)
from mvtheory.laws import MarchenkoPastur, Semicircle

PLACES = ("mvtheory/features",)
PATCHES = np.random.default_rng(0).standard_normal((4, 2, 3))
INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.0]])
LAW = Outputs(
    mean=np.array([[0.3, 0.0]]), variance=np.ones(1), between=np.eye(2), along=np.zeros((1, 2))
)


def regression(gram=((2.0, 1.0), (1.0, 3.0)), cross=((1.0, 2.0),), diagonal=(2.5,), targets=None):
    wanted = np.eye(2) if targets is None else targets
    return FeatureRegression.of(np.array(gram), np.array(cross), np.array(diagonal), wanted)


KNOWN = LinearModel.of([2.0, 1.0], [1.0, 0.5])
FITTED = fit_ridge(KNOWN, 5, 0.1, 1.0)
REMEDIES = [
    # arc_cosine.py
    Remedy(lambda: arc_cosine_kernel(PATCHES, PATCHES[:, :1]), "0 for absent ones",
           lambda: arc_cosine_kernel(PATCHES, PATCHES * [[1.0], [0.0]])),
    Remedy(lambda: arc_cosine_diagonal(PATCHES[:, 0]), "samples\\[:, None\\] if a sample is one",
           lambda: arc_cosine_diagonal(PATCHES[:, 0][:, None])),
    Remedy(lambda: arc_cosine_diagonal(np.where(PATCHES > 1, np.nan, PATCHES)), "leave out NaN",
           lambda: arc_cosine_diagonal(np.where(PATCHES > 1, 0, PATCHES))),
    # outputs.py
    Remedy(lambda: LAW.share_right([2]), "number the classes from 0", lambda: LAW.share_right([1])),
    Remedy(lambda: LAW.share_right([0, 1]), "one for each test sample",
           lambda: LAW.share_right([0])),
    # regression.py
    Remedy(lambda: regression(cross=[1.0, 2.0]), r"\(tests, 2\).*a row for each test sample",
           lambda: regression(cross=[[1.0, 2.0]])),
    Remedy(lambda: regression(diagonal=[2.5, 2.5]), "of each test sample with itself", regression),
    Remedy(lambda: regression(targets=[1.0, 0.0]), "a row for each training sample",
           lambda: regression(targets=[[1.0], [0.0]])),
    Remedy(lambda: regression(gram=INDEFINITE), r"with c above 1\b",
           lambda: regression(gram=INDEFINITE + 1.01 * np.eye(2))),
    # random_design.py
    Remedy(lambda: LinearModel.of([1.0], [1.0], variance=[-0.5]),
           "give squares of deviations",
           lambda: LinearModel.of([1.0], [1.0], variance=[0.25])),
    # weak_teachers.py
    Remedy(lambda: flipped_classes(1.5, 10, 0.7), "turn the labels round if most are",
           lambda: flipped_classes(1.5, 10, 0.3)),
    # inherited.py
    Remedy(lambda: gate_share([1.0, 2.0], 1.0), "give a row for each input",
           lambda: gate_share([[1.0, 2.0]], 1.0)),
    Remedy(lambda: gate_share([[1.0, 2.0], [0.0, 0.0]], 1.0), "a row of zeros.*leave it out",
           lambda: gate_share([[1.0, 2.0]], 1.0)),
    # sphere.py
    Remedy(lambda: relu_spectrum(8, 5), "choose the next", lambda: relu_spectrum(8, 6)),
    # distilled_ridge.py
    Remedy(lambda: distilled_risk(FITTED, 5, 0.1, 1.0), "give LinearModel.of",
           lambda: distilled_risk(
               LinearModel.of(FITTED.eigenvalues, FITTED.mean), 5, 0.1, 1.0
           )),
    # sketches.py
    Remedy(lambda: sketched_ridge([1.0], 0.1, Semicircle()), "squared singular values",
           lambda: sketched_ridge([1.0], 0.1, MarchenkoPastur(aspect_ratio=1.0))),
    Remedy(lambda: sketched_ridge([1.0], 0.1, MarchenkoPastur(aspect_ratio=2.0), samples=0),
           "infinite for a given matrix",
           lambda: sketched_ridge([1.0], 0.1, MarchenkoPastur(aspect_ratio=2.0))),
    # The vocabulary's.
    Remedy(lambda: effective_ridge([1.0], 0.0, 2), "ridge=0.*choose a value in this range",
           lambda: effective_ridge([1.0], 1e-12, 2)),
    Remedy(lambda: regression().outputs(2.5, 0.1), "features=2.5.*round it to a whole number",
           lambda: regression().outputs(2, 0.1)),
    Remedy(lambda: regression().outputs(2, 0.1, models=0), "models=0.*choose a value in this range",
           lambda: regression().outputs(2, 0.1, models=1)),
]  # fmt: skip
