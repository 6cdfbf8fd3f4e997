"""Every refusal has one code, and the code's range says what the SDK will do."""

import inspect

import pytest

from channels.seats import PUT_OUT_CLOSED, PUT_OUT_DELETED, PUT_OUT_NOT_ALLOWED, RESUBSCRIBE
from channels.wire import codes
from domain import rejections
from domain.rejections import Rejection


def every_rejection() -> list[type[Rejection]]:
    found = [item for _, item in inspect.getmembers(rejections, inspect.isclass) if issubclass(item, Rejection)]
    return [item for item in found if item is not Rejection]


@pytest.mark.parametrize("rejection", every_rejection(), ids=lambda item: item.__name__)
def test_every_class_of_the_tree_has_a_code(rejection: type[Rejection]) -> None:
    assert rejection in codes.REJECTIONS


def test_no_two_rules_share_a_code() -> None:
    own = [code.code for code in codes.REJECTIONS.values() if 400 <= code.code < 2000]

    assert len(own) == len(set(own))


def test_what_is_not_a_rule_uses_the_codes_of_the_protocol() -> None:
    for rejection, code in codes.REJECTIONS.items():
        assert issubclass(rejection, rejections.RuleBroken) == (400 <= code.code < 2000)


def test_only_what_passes_by_itself_is_temporary() -> None:
    temporary = {rejection for rejection, code in codes.REJECTIONS.items() if code.temporary}

    assert temporary == {rejections.Unavailable, rejections.Busy}


def test_a_rejection_keeps_its_own_sentence() -> None:
    assert codes.error_of(rejections.WrongStatus("the execution has ended")).message == "the execution has ended"


def test_a_rejection_without_a_sentence_still_says_something() -> None:
    # the Python SDK fails on an error without a message
    assert codes.error_of(rejections.WrongStatus()).message


def test_a_class_that_nobody_listed_is_our_fault_and_temporary() -> None:
    class Unlisted(Rejection):
        pass

    error = codes.error_of(Unlisted("?"))

    assert (error.code, error.temporary) == (100, True)


def test_every_error_has_a_message() -> None:
    assert all(code.message for code in (*codes.ERRORS, *codes.REJECTIONS.values()))


def test_faults_of_the_server_never_end_a_connection_for_good() -> None:
    ours = (codes.SHUTDOWN, codes.SERVER_ERROR, codes.SLOW, codes.INSUFFICIENT_STATE, codes.NO_PONG, codes.STATE_INVALIDATED)

    assert all(code.reconnects for code in ours)


def test_faults_of_the_client_do() -> None:
    theirs = (codes.INVALID_TOKEN, codes.BAD_CLIENT_REQUEST, codes.STALE, codes.CONNECTION_LIMIT, codes.DENIED)

    assert not any(code.reconnects for code in theirs)


@pytest.mark.parametrize("code", codes.DISCONNECTS)
def test_reasons_fit_a_close_frame_and_are_not_json(code: codes.DisconnectCode) -> None:
    assert code.reason == codes.plain_reason(code.reason)
    assert 3000 <= code.code < 5000


@pytest.mark.parametrize("text", ['{"code": 1}', "[1]", '"x"', "17", "", "x" * 500, "ä" * 200])
def test_any_text_becomes_a_reason_that_sdks_leave_alone(text: str) -> None:
    reason = codes.plain_reason(text)

    assert reason
    assert len(reason.encode()) <= 123
    assert reason[0] not in '{["0123456789'


def test_unsubscribes_say_by_their_range_whether_the_sdk_comes_back() -> None:
    assert {code for code in codes.UNSUBSCRIBES if code < 2500} == {PUT_OUT_NOT_ALLOWED, PUT_OUT_DELETED, PUT_OUT_CLOSED}
    assert {code for code in codes.UNSUBSCRIBES if code >= 2500} == {RESUBSCRIBE}
