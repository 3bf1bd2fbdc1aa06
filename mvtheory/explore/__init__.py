"""The explorer: a page on which sliders move what the theory predicts.

`mvtheory explore` serves it to this machine's browser, `mvtheory explore --export FILE` writes it
as one file that needs no server. A panel is a file of `panels`. `example_of_distillation` and
`example_of_members` are the outputs that are shown where none are given.
"""

from mvtheory.explore.outputs import example_of_distillation, example_of_members

__all__ = ["example_of_distillation", "example_of_members"]
