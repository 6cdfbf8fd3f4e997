"""Every refusal has its HTTP status, and the wire's code in its body."""

import inspect

import pytest

from channels.wire.codes import REJECTIONS
from domain import rejections
from domain.rejections import NotYet, Rejection
from server.http.problems import STATUS_OF, answer, problem_of

CAUSES = [
    cause for _, cause in inspect.getmembers(rejections, inspect.isclass) if issubclass(cause, Rejection) and cause is not Rejection
]


def raised(cause: type[Rejection]) -> Rejection:
    return cause("say why", 1_700_000_000_000) if cause is NotYet else cause("say why")  # type: ignore[call-arg]  # its own shape


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_every_cause_of_a_refusal_has_a_status_and_its_wire_code(cause: type[Rejection]) -> None:
    problem = problem_of(raised(cause))

    assert problem.status == STATUS_OF[cause]
    assert 400 <= problem.status < 600
    assert problem.code == REJECTIONS[cause].code
    assert problem.detail == "say why"


def test_no_status_is_listed_for_what_is_no_cause() -> None:
    assert set(STATUS_OF) == set(CAUSES)


def test_what_is_temporary_says_when_to_come_back() -> None:
    response = answer(problem_of(rejections.Busy("too much")))

    assert response.headers["Retry-After"] == "1"
    assert response.media_type == "application/problem+json"


def test_too_early_says_from_when() -> None:
    assert problem_of(NotYet("wait", 5)).at_ms == 5


def test_a_cause_is_named_for_programs_and_for_people() -> None:
    problem = problem_of(rejections.CommandIdReused("other content"))

    assert (problem.type, problem.title) == ("urn:atrium:problem:command-id-reused", "command id reused")
