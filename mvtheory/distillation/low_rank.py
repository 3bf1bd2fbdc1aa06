"""Eigenvalues of matrices of low rank, from matrices as small as their rank."""

import numpy as np

from mvtheory.shapes import Float, Floats


def low_rank_eigenvalues(
    rows: Float[Floats, "rank classes"], form: Float[Floats, "rank rank"], size: int
) -> Float[Floats, " eigenvalues"]:
    """The first `size` eigenvalues of C^T S C, ascending: m of them, and zeros.

    With C^T = Q R, Q of orthonormal columns, those other than 0 are the eigenvalues of R S R^T.

    Parameters
    ----------
    rows : array, shape (m, n)
        C, with m <= n; it may be overwritten.
    form : array, shape (m, m)
        S, symmetric.
    size : int
        From m to n: the others are known to be 0.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0, 0.0, 2.0]])
    >>> low_rank_eigenvalues(rows, np.array([[-0.5]]), size=3)
    array([-4.5,  0. ,  0. ])
    """
    from scipy.linalg import qr

    # numpy's own makes copies, from 2.5 on two.
    _, root = qr(rows.T, mode="raw", overwrite_a=True, check_finite=False)
    found = np.linalg.eigvalsh(root @ form @ root.T)
    return np.sort(np.concatenate([found, np.zeros(size - len(found))]))
