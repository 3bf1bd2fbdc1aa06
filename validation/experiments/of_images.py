"""What settings about images share."""

from validation.data import ImageProblem
from validation.experiments.description import Described


class OfImages(Described):
    """A setting whose images are drawn, or lie in files that are the user's to bring."""

    problem: ImageProblem

    @property
    def files(self) -> bool:
        return self.problem.files

    def ready(self) -> None:
        if self.problem.files:
            self.problem.read()
