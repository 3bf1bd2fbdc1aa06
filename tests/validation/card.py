"""A card that this processor plays: what is put there answers as if on `cuda`, with real numbers.

A tensor on it wraps one of the processor, and every operation is carried out on what it wraps. To
C++ its device is `meta`, the one that exists in every build; to Python it is `cuda:0`. What no
card does is refused: an operation on tensors of both sides, a card's tensor as an array. Autocast
rounds as on a card.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map, tree_map_only

CARD, PLAYED = torch.device("cuda", 0), torch.device("meta")
aten = torch.ops.aten
ANSWERS = {"device": CARD, "is_cuda": True, "is_meta": False}
BETWEEN = {aten.copy_.default, aten._to_copy.default}
"""What takes tensors of both sides."""
ROUNDED = {"conv2d", "matmul", "__matmul__", "bmm", "mm", "addmm", "baddbmm", "linear"}
WHOLE = {"log_softmax", "softmax", "cross_entropy", "kl_div", "nll_loss", "sum", "norm", "exp"}
"""By autocast on a card: in its type, and in float32."""
autocasts = SimpleNamespace(now=None, seen=set())


class OnCard(torch.Tensor):
    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> "OnCard":
        made = torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, strides=inner.stride(), storage_offset=inner.storage_offset(),
            dtype=inner.dtype, device=PLAYED,
        )  # fmt: skip
        made.inner = inner
        return made

    def __repr__(self, **_: Any) -> str:
        return f"OnCard({self.inner})"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return carried_out(func, args, kwargs or {})


def on_card(value: Any) -> bool:
    return isinstance(value, OnCard)


def carried_out(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
    own = [t for t in tensors if on_card(t)]
    place = kwargs.get("device")
    there = bool(own) if place is None else torch.device(place).type == "meta"
    strange = [t for t in tensors if not on_card(t) and t.dim()]
    if own and strange and func not in BETWEEN:
        raise RuntimeError(f"{func}: tensors on cuda and on cpu, of shapes "
                           f"{[tuple(t.shape) for t in strange]}")  # fmt: skip
    assert not any(t.is_meta for t in tensors if not on_card(t)), f"{func}: what wraps nothing"
    given, named = tree_map(lambda t: t.inner if on_card(t) else t, (args, kwargs))
    if place is not None:
        named = named | {"device": torch.device("cpu")}
    found = func(*given, **named)
    wrapped = tree_map_only(torch.Tensor, OnCard, found) if there else found
    return return_and_correct_aliasing(func, args, kwargs, wrapped) if own else wrapped


class _Operations(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return carried_out(func, args, kwargs or {})


class _Calls(TorchFunctionMode):
    """What Python asks of tensors, where a card answers otherwise than `meta`."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if args and on_card(args[0]):
            asked = getattr(getattr(func, "__self__", None), "__name__", "")
            if name == "__get__" and asked in ANSWERS:
                return ANSWERS[asked]
            if name in ("__getitem__", "__setitem__"):  # a card takes indices of either side
                args = args[0], tree_map(index, args[1], is_leaf=numbers), *args[2:]
            if name in ("numpy", "__array__"):
                raise TypeError("can't convert a tensor on cuda to numpy; copy it to the host")
            if name in ("data_ptr", "tolist"):
                return getattr(args[0].inner, name)()
            if name == "cpu":
                return args[0].inner.detach().clone()
        if autocasts.now and name in ROUNDED | WHOLE:
            wanted = autocasts.now if name in ROUNDED else torch.float32
            autocasts.seen.add((name, wanted))
            args, kwargs = tree_map(lambda t: cast(t, wanted), (args, kwargs))
        return func(*tree_map(placed, args), **tree_map(placed, kwargs))


def cast(value: Any, wanted: torch.dtype) -> Any:
    return value.to(wanted) if on_card(value) and value.is_floating_point() else value


def numbers(value: Any) -> bool:
    return isinstance(value, list)


def index(value: Any) -> Any:
    if numbers(value):
        return OnCard(torch.tensor(value))
    return OnCard(value) if isinstance(value, torch.Tensor) and not on_card(value) else value


def placed(value: Any) -> Any:
    """`cuda` as C++ is to see it."""
    if isinstance(value, torch.device) and value.type == "cuda":
        return PLAYED
    return PLAYED if isinstance(value, str) and value.split(":")[0] == "cuda" else value


@contextmanager
def autocast(device: str, dtype: torch.dtype | None = None, enabled: bool = True) -> Iterator[None]:
    before = autocasts.now
    if device == "cuda":
        autocasts.now = dtype if enabled else None
    try:
        yield
    finally:
        autocasts.now = before


@contextmanager
def played() -> Iterator[None]:
    """Within, `cuda` is a card of 8 GiB."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "autocast", autocast)
        patch.setattr(torch, "compile", lambda function, **_: function)
        # Views of what wraps others cannot be made in it.
        patch.setattr(torch, "inference_mode", torch.no_grad)
        patch.setattr(torch.cuda, "is_available", lambda: True)
        patch.setattr(torch.cuda, "device_count", lambda: 1)
        patch.setattr(torch.cuda, "get_device_name", lambda *_: "a card that a CPU plays")
        patch.setattr(torch.cuda, "mem_get_info", lambda *_: (2**33, 2**33))
        patch.setattr(torch.cuda, "synchronize", lambda *_: None)
        patch.setattr(torch.cuda, "empty_cache", lambda: None)
        autocasts.seen.clear()
        with _Operations(), _Calls():
            yield
