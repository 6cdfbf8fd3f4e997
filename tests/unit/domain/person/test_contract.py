"""That the parts of a person's room cover one another: commands, rules, events, steps, ticks."""

import msgspec
import pytest

from domain.command_codec import CommandCodec
from domain.decider import Decider
from domain.event_codec import EventCodec, decode, encode, tag_of
from domain.kinds.person import PERSON
from domain.kinds.person import events as did
from domain.kinds.person.commands import COMMANDS
from domain.kinds.person.decider import PersonDecider
from domain.kinds.person.events import EVENTS
from domain.kinds.person.evolution import STEPS
from domain.kinds.person.state import Person
from domain.kinds.person.ticks import ListEntry
from domain.record import Event
from domain.redaction import free_fields, redacted
from domain.rejections import Malformed
from tests.unit.domain.person.home import C1, GUEST, Home
from tests.unit.domain.person.samples import FIELDS
from tests.unit.domain.person.test_claims import busy_guest, claimed
from tests.unit.domain.story import ADA, CLOCK

codec = CommandCodec({"person": PERSON})


def test_a_persons_room_is_a_decider_by_type() -> None:
    decider: Decider[Person] = PERSON

    assert decider.creates == ""
    assert decider.is_home
    home = Home(ADA)
    assert decider.address_of(home.command("make_folder", name="x"), ADA.actor) == home.room


def test_every_command_has_a_rule_a_place_in_the_table_and_a_sample() -> None:
    assert set(PersonDecider()._rules) == set(PersonDecider()._may) == set(COMMANDS.values())
    assert set(FIELDS) == set(COMMANDS)


def test_every_event_class_is_listed_with_a_tag_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == defined == set(STEPS)
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)
    assert PERSON.ticks == (ListEntry,)


def whole_life() -> Home:
    """A story in which every event of a person's room happens; the guest's part is another story's."""
    home, guest = Home(ADA), busy_guest()
    folder_id = home.given(ADA, "make_folder", name="Geheim", description="d", tags=("t",), concept_ids=(C1,))
    home.given(ADA, "change_folder", folder_id=folder_id, name="Geheimer")
    home.given(ADA, "fill_folder", folder_id=folder_id, take=(C1,))
    home.given(ADA, "favour", concept_id=C1)
    home.given(ADA, "unfavour", concept_id=C1)
    comparison_id = home.given(ADA, "save_comparison", **FIELDS["save_comparison"], metadata={"w": "Geheim"})
    home.given(ADA, "change_comparison", comparison_id=comparison_id, metadata={"v": 1})
    home.given(ADA, "set_style_profile", profile={"p": "Geheim"})
    home.given(ADA, "set_ai_preferences", enable_deep_thinking=True)
    search_id = home.given(CLOCK, "note_search", query="Geheim", result_count=1)
    home.given(ADA, "note_click", search_id=search_id, thing_id=C1)
    home.given(ADA, "settle_notifications", notification_ids=(home.notified(),))
    home.given(ADA, "add_device", endpoint="https://push.example/geheim", p256dh="k", auth="a")
    home.given(ADA, "remove_device", device_id=next(iter(home.state.devices)))
    home.given(ADA, "mark_read", read_room="share:x", read_offset=3)
    home.given(CLOCK, "note_room", noted="share:x")
    home.given(CLOCK, "forget_room", noted="share:x")
    claimed(home, guest)
    home.given(CLOCK, "undo_claim", guest_id=GUEST.actor.id)
    return home


def test_every_event_happens_in_a_whole_life() -> None:
    home = whole_life()
    home.given(ADA, "remove_comparison", comparison_id=next(iter(home.state.comparisons)))
    home.given(ADA, "remove_folder", folder_id=next(iter(home.state.folders)))
    guest = busy_guest()
    guest.given(CLOCK, "hand_over", user_id=ADA.actor.id)

    assert {type(record.event) for record in (*home.records, *guest.records)} == set(EVENTS)


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    home = whole_life()
    state = PERSON.initial(home.room)
    for record in home.records:
        event = redacted(record.event)
        state = PERSON.evolve(state, msgspec.structs.replace(record, event=event, body=encode(event)))

    assert encode(PERSON.view(state))
    assert set(state.folders) == set(home.state.folders)
    assert "Geheim" not in encode(state).decode()


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_write(event_class: type[Event]) -> None:
    written = {"name", "description", "tags", "metadata", "profile", "query", "filters", "words", "endpoint", "p256dh", "auth"}

    assert set(free_fields(event_class)) == written & set(event_class.__struct_fields__)


def test_a_state_comes_back_from_its_snapshot() -> None:
    home = whole_life()
    home.given(ADA, "mark_read", read_room="share:x", read_offset=5)

    assert decode(encode(home.state), Person) == home.state
    assert PERSON.state_type is Person


def test_records_come_back_from_the_journals_bytes() -> None:
    records = tuple(whole_life().records)
    events = EventCodec({"person": PERSON})

    assert events.decode_records(events.encode_records(records)) == records


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_every_command_is_read_from_json(verb: str) -> None:
    payload = encode({"room": Home(ADA).room, "command_id": C1, **FIELDS[verb]})

    _, command = codec.decode(f"person.{verb}", payload)

    assert type(command) is COMMANDS[verb]


@pytest.mark.parametrize(
    ("verb", "fields", "path"),
    [
        ("make_folder", {"name": ""}, "$.name"),
        ("make_folder", {"name": "x" * 201}, "$.name"),
        ("make_folder", {"concept_ids": ["no uuid" + "x" * 29]}, "$.concept_ids"),
        ("make_folder", {"concept_ids": [C1.upper()]}, "$.concept_ids"),
        ("make_folder", {"tags": ["t"] * 21}, "$.tags"),
        ("save_comparison", {"items": []}, "$.items"),
        ("save_comparison", {"items": [{"type": "concept", "id": C1, "x": 1}]}, "$.items"),
        ("mark_read", {"read_room": "nowhere"}, "$.read_room"),
        ("mark_read", {"read_offset": -1}, "$.read_offset"),
        ("notify", {"what": "gossip"}, "$.what"),
        ("notify", {"title": "x" * 201}, "$.title"),
        ("note_room", {"noted": "concept:a b"}, "$.noted"),
        ("note_search", {"session_hash": "abc"}, "$.session_hash"),
        ("add_device", {"kind": "fax"}, "$.kind"),
        ("claim", {"guest_id": "x" * 36}, "$.guest_id"),
    ],
)
def test_a_command_without_its_form_names_the_path(verb: str, fields: dict[str, object], path: str) -> None:
    payload = encode({"room": Home(ADA).room, "command_id": C1, **FIELDS[verb], **fields})

    with pytest.raises(Malformed) as refused:
        codec.decode(f"person.{verb}", payload)
    assert path in str(refused.value)


def test_an_event_alone_makes_no_state_but_its_own() -> None:
    home = Home(ADA)
    before = home.state
    home.notified()

    assert before == PERSON.initial(home.room)
    assert home.state is not before
