"""Equations as MathML, which browsers show by themselves: no script, no font and no network."""

from docutils.nodes import SkipNode, math, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def _inline(self: HTML5Translator, node: math) -> None:
    self.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _block(self: HTML5Translator, node: math_block) -> None:
    self.body.append(f'<div class="equation">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
