"""Errors of the programme for a GPU."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import typer
from remedy import Remedy

from validation.gpu import command, smoke
from validation.gpu.command import Part, Where


def call(there: bool = True, **options: Any) -> None:
    """The part `smoke` of no paths, where a GPU is there or not."""
    given = {"device": Where.cuda, "out": Path(tempfile.mkdtemp())} | options
    with (
        patch("torch.cuda.is_available", lambda: there),
        patch.object(smoke.paths, "paths", list),
        patch.object(smoke.image_paths, "paths", list),
    ):
        try:
            command.programme(Part.smoke, **given)
        except typer.Exit as ended:
            assert ended.exit_code == 0  # noqa: PT017  (whatever else ends it is an error)


NOWHERE = [Path(tempfile.mkdtemp()) / "nowhere"]
GPU = [
    Remedy(partial(call, False), "run this where there is one", call),
    Remedy(
        partial(call, False), "or give --device cpu --tiny",
        partial(call, False, device=Where.cpu, tiny=True),
    ),
    Remedy(partial(call, earlier=NOWHERE), "leave it out", call),
    Remedy(
        partial(call, earlier=NOWHERE), "or name one that is there",
        partial(call, earlier=[Path(tempfile.gettempdir())]),
    ),
]  # fmt: skip
