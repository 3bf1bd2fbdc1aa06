"""The directive ``shell``: commands that are run when the page is made, with what they print.

Commands of one page share a folder, in which its Python examples were run before. A command that
ends otherwise than said fails the build; one that is not run says why.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
SCRATCH = "scratch"
WIDTH = "92"
"""Columns that a command is told it has."""


def scratch(source: Path, docname: str) -> Path:
    """The folder in which what a page shows is run."""
    folder = source / SCRATCH / docname
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def environment() -> dict[str, str]:
    """This interpreter's commands and this checkout, in a terminal without colours."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    ours = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    plain = {"COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb", "MPLBACKEND": "agg"}
    return os.environ | {"PATH": paths, "PYTHONPATH": ours} | plain


class Shell(SphinxDirective):
    has_content = True
    option_spec: ClassVar = {
        "code": directives.nonnegative_int,  # the exit code, if not 0
        "show": directives.unchanged,  # figures that it writes
        "alt": directives.unchanged,
        "lines": directives.positive_int,  # of the output, if not all
        "not-run": directives.unchanged,  # why it is not
    }

    def run(self) -> list[nodes.Node]:
        commands = "\n".join(self.content)
        if reason := self.options.get("not-run"):
            text, _ = self.parse_inline(f"Not run when these pages are made: {reason}.")
            return [_block(commands, "sh"), nodes.paragraph("", "", *text, classes=["not-run"])]
        folder = scratch(Path(self.env.srcdir), self.env.docname)
        shown = []
        for command in commands.replace("\\\n", "\\\0").splitlines():
            shown.append(self._run(command.replace("\0", "\n"), folder))
        found: list[nodes.Node] = [_block("\n".join(shown), "console")]
        for name in shlex.split(self.options.get("show", "")):
            place = f"/{SCRATCH}/{self.env.docname}/{name}"
            found.append(nodes.image(uri=place, alt=self.options.get("alt", name)))
        return found

    def _run(self, command: str, folder: Path) -> str:
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if done.returncode != self.options.get("code", 0):
            raise self.error(f"{command!r} ended with {done.returncode}: {done.stdout}")
        lines = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
        most = self.options.get("lines", len(lines))
        if most < len(lines):
            lines = [*lines[:most], "..."]
        return "\n".join([f"$ {command}", *lines])


def _block(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


def clean(source: Path) -> None:
    """Forget what pages of an earlier build have left."""
    shutil.rmtree(source / SCRATCH, ignore_errors=True)


def setup(app: Sphinx) -> None:
    app.add_directive("shell", Shell)
