"""One thread a sum: a number then has the same bits wherever it is computed.

Two threads add the terms of a matrix product in another order than one, and on cores that others
use too they wait for each other. OpenBLAS and MKL have one number of threads a process; OpenMP, and
torch with it, have one for every thread that calls them.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_inside = 0
_before: dict[str, Any] = {}
"""Pools, by the file of their library, with the threads that they had before the first entered."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Every pool of threads that is loaded computes with one thread; afterwards as before.

    Entered again, by a shard within a run or by several threads at once, it limits what was loaded
    meanwhile, and the last to leave gives the threads back.
    """
    global _inside
    import scipy.linalg  # noqa: F401  (a BLAS of its own: what is not loaded cannot be limited)
    from threadpoolctl import ThreadpoolController

    pools = ThreadpoolController()
    torch = sys.modules.get("torch")
    own = torch.get_num_threads() if torch else None
    with pools.select(user_api="openmp").limit(limits=1):
        with _lock:
            _inside += 1
            for pool in pools.select(user_api="blas").lib_controllers:
                _before.setdefault(pool.filepath, (_setter(pool), pool.num_threads))
                _setter(pool)(1)
            if torch:
                # Its own products are by an MKL inside it, which threadpoolctl does not see.
                _before.setdefault("torch", (torch.set_num_threads, own))
                torch.set_num_threads(1)
        try:
            yield
        finally:
            with _lock:
                if torch:
                    torch.set_num_threads(own)
                _inside -= 1
                if not _inside:
                    for give_back, threads in _before.values():
                        give_back(threads)
                    _before.clear()


def _setter(pool: Any) -> Callable[[int], None]:
    """Sets a pool's threads, whichever thread calls it.

    From 3.8 on threadpoolctl lets only the thread that came first set those of OpenBLAS, until it
    is told otherwise, and passes silently over the others. Here a lock keeps them in order.
    """
    told = getattr(pool, "clear_controlling_thread", None)
    if told is None:
        return pool.set_num_threads

    def set_threads(threads: int) -> None:
        told(force=True)
        pool.set_num_threads(threads)
        told(force=True)

    return set_threads
