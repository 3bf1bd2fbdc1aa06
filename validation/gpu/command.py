"""The command ``python -m validation.gpu``: one part of the programme, within the time given."""

import os
import warnings
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mvtheory.cli import run_app
from mvtheory.console import say
from validation.data.folder import VARIABLE
from validation.gpu.job import Job
from validation.options import check_folder, positive, stoppable, whole

app = typer.Typer(
    name="validation.gpu", add_completion=False, rich_markup_mode=None, no_args_is_help=True
)
Part = StrEnum("Part", ["smoke", "speed", "images", "claims"])
Where = StrEnum("Where", ["cuda", "cpu"])
HELP = """Do one part of what waits for a GPU, as far as the time goes; again, and it goes on.

In this order: `smoke` trains everything once, eager, compiled and on the CPU; `speed` measures many
networks at once against one after the other; `images` trains networks on CIFAR-10 and students on
CIFAR-100; `claims` puts the claims on patch networks on trial at full size.

Exit code: 0 if the part is finished, 1 if a check fails, 3 if something is left for the next call,
2 for an error, 130 if stopped by Ctrl-C."""


@app.command(help=HELP)
def programme(
    part: Annotated[Part, typer.Argument(show_choices=True)],
    minutes: Annotated[str, typer.Option(help="Begin nothing that takes longer.")] = "9",
    data: Annotated[
        Path | None, typer.Option(help=f"Folder of CIFAR-10 and CIFAR-100. [env: {VARIABLE}]")
    ] = None,
    out: Annotated[Path, typer.Option(help="What is finished, a file each.")] = Path("results/gpu"),
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of an earlier call: what is in it is not done again."),
    ] = None,
    device: Annotated[Where, typer.Option(help="Where networks are trained.")] = Where.cuda,
    tiny: Annotated[bool, typer.Option("--tiny", help="A try of seconds, without files.")] = False,
    seed: Annotated[str, typer.Option(help="Everything random follows from it.")] = "0",
) -> None:
    given = positive("minutes", minutes), whole("seed", seed, 0)
    for folder in earlier or []:
        if not folder.is_dir():
            raise ValueError(f"earlier={str(folder)!r} is not allowed (a folder of an earlier "
                             "call); leave it out, or name one that is there")  # fmt: skip
    if data is not None:
        os.environ[VARIABLE] = str(data.absolute())
    from validation.running.task import resolve_device

    try:
        resolve_device(device.value)
    except ValueError:
        raise ValueError(
            "device='cuda' is not allowed here (torch sees no CUDA GPU): run this where there is "
            "one, or give --device cpu --tiny for a try"
        ) from None
    check_folder(out)
    job = Job(
        out, tuple(earlier or ()), device.value, tiny, seed=given[1], minutes=given[0]
    )  # fmt: skip
    with stoppable(lambda: say(f"Stopped; {out} has what is finished; go on by the same call.")):
        code = part_of(part)(job)
    raise typer.Exit(code)


def part_of(part: Part) -> Callable[[Job], int]:
    """Loaded when asked for: torch, and the statistics of claims, take seconds."""
    if part is Part.smoke:
        from validation.gpu.smoke import run
    elif part is Part.speed:
        from validation.gpu.speed import run
    elif part is Part.images:
        from validation.gpu.images import run
    else:
        from validation.gpu.claims import run
    return run


def main(arguments: list[str] | None = None) -> int:
    # As in `validation.command`: users cannot act on what torch warns of its own internals.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    return run_app(app, "validation.gpu", arguments)
