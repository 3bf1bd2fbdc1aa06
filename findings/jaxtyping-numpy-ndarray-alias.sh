#!/usr/bin/env bash
# jaxtyping 0.3.11 with numpy 2.5.5: `Float[NDArray[np.float64], "rows columns"]`, the way in which
# numpy's documentation types arrays and jaxtyping types shapes, raises where it is written, hence
# while a module is imported: from 2.5 on numpy.typing.NDArray is a type alias (PEP 695), in which
# jaxtyping looks for a class. Written out, np.ndarray[tuple[Any, ...], np.dtype[np.float64]], the
# same type passes; so does the alias with numpy 2.4.6. numpy 2.5 needs Python 3.12: PYTHON names
# one if python3 is older. A package that leaves its shapes alone unless jaxtyping is loaded, as
# ours did, imports or not by what a caller imported before.
# Seen: numpy 2.4.6: alias Float[ndarray, 'rows columns']; 2.5.5: alias TypeError: issubclass() arg 1
# must be a class, written out Float[ndarray, 'rows columns']. Exits with 1 if any of it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 12))' || {
  echo "Python 3.12 or newer is needed: PYTHON=python3.13 bash $0" >&2
  exit 2
}
"${PYTHON:-python3}" -m venv "$work/env"
for numpy in 2.4.6 2.5.5; do
  "$work/env/bin/pip" install --quiet jaxtyping==0.3.11 numpy==$numpy
  "$work/env/bin/python" - <<'PYTHON'
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

written_out = Float[np.ndarray[tuple[Any, ...], np.dtype[np.float64]], "rows columns"]
try:
    alias = Float[NDArray[np.float64], "rows columns"]
except TypeError as error:
    alias = f"TypeError: {error}"
print(f"numpy {np.__version__}: alias {alias}; written out {written_out}")
new = np.__version__.startswith("2.5")
assert (alias == "TypeError: issubclass() arg 1 must be a class") == new
assert isinstance(np.zeros((2, 3)), written_out)
PYTHON
done
