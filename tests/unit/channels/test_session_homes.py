"""The room that a connection follows from the start: with the answer to connect, or behind it."""

from channels.effects import Follow, Give, Inquire, Open, Send, Unfollow
from channels.greeting import PAUSE_S
from channels.seats import RESUBSCRIBE, Since, Subscribed
from channels.session import Session
from channels.settings_of_connections import ConnectionSettings
from channels.stage import Now, Stage
from channels.wire import messages as m
from domain.ids import RoomAddress
from domain.rejections import NotAllowed, Unavailable
from tests.support.conversations import NOW_MS, identity, rpc, said, subscribe, unlimited

HOME = RoomAddress("person:a-1")
VIEW = Subscribed(epoch="e", offset=4, view=b'{"view":1}')


def coming(**connect: object) -> Session:
    """A client whose token is good and whose home is being opened."""
    session = Session("c-1", ConnectionSettings(), 0.0, frozenset({"share.my_vote"}))
    session.receive([m.Command(id=1, connect=m.ConnectRequest(token="t", **connect))], 0.0)  # type: ignore[arg-type] # fields by name
    effects = session.authenticated(1, identity(), unlimited(), Now(0.0, NOW_MS), HOME)
    since = Since("e", 3) if connect else None
    assert effects == [Open(identity()), Follow(0, HOME, since)]
    return session


def at_home() -> Session:
    session = coming()
    session.subscribed(HOME, VIEW)
    return session


def test_the_answer_to_connect_brings_the_home() -> None:
    session = coming()

    [reply] = said(session.subscribed(HOME, VIEW))

    assert reply["id"] == 1
    assert reply["connect"]["subs"] == {
        HOME: {"recoverable": True, "positioned": True, "epoch": "e", "offset": 4, "data": {"view": 1}}
    }
    assert session.rooms == {HOME}


def test_a_client_that_was_there_before_resumes_its_home() -> None:
    session = coming(subs={HOME: m.SubscribeRequest(recover=True, epoch="e", offset=3)})

    assert session.stage is Stage.AUTHENTICATING


def test_what_came_with_connect_is_taken_once_it_is_answered() -> None:
    session = coming()

    assert session.receive([rpc(2)], 0.0) == []
    session.subscribed(HOME, VIEW)
    assert [type(effect) for effect in session.go_on(0.0)] == [Give]


def test_a_home_that_takes_too_long_follows_by_a_push() -> None:
    session = coming()

    [reply] = said(session.clock(2.0, is_reading=True))
    assert "subs" not in reply["connect"]
    assert session.stage is Stage.OPEN

    assert said(session.subscribed(HOME, VIEW)) == [
        {
            "push": {
                "channel": HOME,
                "subscribe": {"recoverable": True, "epoch": "e", "offset": 4, "positioned": True, "data": {"view": 1}},
            }
        }
    ]


def test_a_home_that_would_be_resumed_and_takes_too_long_follows_whole() -> None:
    session = coming(subs={HOME: m.SubscribeRequest(recover=True, epoch="e", offset=3)})

    reply, withdrawn = session.clock(2.0, is_reading=True)
    assert isinstance(reply, Send)
    assert withdrawn == Unfollow(HOME)
    assert session.subscribed(HOME, Unavailable("unsubscribed before the room was open")) == []
    assert session.clock(2.0, is_reading=True) == [Follow(0, HOME)]
    [push] = said(session.subscribed(HOME, VIEW))
    assert push["push"]["subscribe"]["data"] == {"view": 1}
    assert session.due_s() > 2.0 + PAUSE_S


def test_a_home_that_the_token_does_not_open_is_not_asked_for_again() -> None:
    session = coming(subs={HOME: m.SubscribeRequest(recover=True, epoch="e", offset=3)})

    [reply] = said(session.subscribed(HOME, NotAllowed()))

    assert "subs" not in reply["connect"]
    assert session.stage is Stage.OPEN
    assert session.due_s() > PAUSE_S
    assert session.clock(2 * PAUSE_S, is_reading=True) == []


def test_a_home_that_cannot_be_opened_is_asked_for_again_after_a_pause() -> None:
    session = coming()

    [reply] = said(session.subscribed(HOME, Unavailable("away")))
    assert "connect" in reply
    assert session.due_s() < 0
    assert session.clock(0.5, is_reading=True) == []
    assert session.clock(0.5 + PAUSE_S, is_reading=True) == [Follow(0, HOME)]
    assert session.rooms == frozenset()


def test_a_home_that_puts_a_lagging_connection_out_is_followed_again_without_a_word() -> None:
    session = at_home()

    assert session.put_out(HOME, RESUBSCRIBE, "too far behind") == []
    session.clock(1.0, is_reading=True)
    assert session.clock(1.0 + PAUSE_S, is_reading=True) == [Follow(0, HOME)]


def test_a_home_is_not_subscribed_to_a_second_time() -> None:
    [reply] = said(at_home().receive([subscribe(2, HOME)], 0.0))

    assert reply["error"]["code"] == 105


def test_the_method_of_a_question_asks() -> None:
    [effect] = at_home().receive([rpc(2, b'{"room":"share:1"}', "share.my_vote")], 0.0)

    assert effect == Inquire(2, "share.my_vote", b'{"room":"share:1"}')
