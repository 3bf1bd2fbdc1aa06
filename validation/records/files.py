"""Files that are whole or absent, whatever is killed; spoilt ones are put aside."""

import errno
import os
import socket
from pathlib import Path


class FolderError(OSError):
    """The run's folder cannot be written or read; the message says what to do about it."""


def write(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: beside its place, flushed, then renamed."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f".{os.getpid()}-{socket.gethostname()}-{path.name}.part")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def append(path: Path, text: str) -> None:
    """Add to a file in one write, so that two processes do not mix their lines."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> FolderError:
    remedy = {
        errno.ENOSPC: "free space on that disk",
        errno.EDQUOT: "free space within your quota",
    }.get(error.errno or 0, "give --out a folder that you may write to")
    return FolderError(
        f"{path} cannot be written ({error.strerror}): {remedy}, then run the same command again; "
        "everything finished before is kept"
    )


def tidy(out: Path) -> None:
    """Clear away what processes killed on this host left half-written."""
    for part in out.rglob(".*.part"):
        pid, _, rest = part.name[1:].partition("-")
        if rest.startswith(socket.gethostname() + "-") and pid.isdigit() and not _alive(int(pid)):
            part.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def set_aside(out: Path, path: Path) -> Path:
    """Move a spoilt file out of the way, under a name that is free."""
    folder = out / "set-aside"
    number = 0
    while (target := folder / f"{path.name}.{number}").exists():
        number += 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    except FileNotFoundError:
        pass  # another run on this folder was faster
    except OSError as error:
        raise unwritable(target, error) from error
    return target
