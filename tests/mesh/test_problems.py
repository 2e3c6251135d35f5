"""Documents that could not be read."""

from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.resources.meta import Ref


def test_what_is_not_said_of_a_problem_is_the_worst() -> None:
    """An error in a document, of which everything else was checked, and nobody knows what to do."""
    problem = Problem(resource=Ref("v1", "Service", "shop", "cart"), path="/spec", reason="It is a list.")

    assert (problem.level, problem.about, problem.hides, problem.kept_by) == ("error", "document", False, "")
    assert (problem.location, problem.evidence, problem.advice, problem.command) == (None, (), "", "")
    assert Location(file="a.yaml", line=1, column=1).template is None
