"""Who may do what, over every command of every kind and everybody who could come: the table, written out.

What is asked is the rooms themselves. A new command, kind or role fails here until somebody has placed it.
"""

from collections.abc import Iterator

import pytest

from domain.kinds import KINDS
from domain.rejections import NotAllowed
from tests.hostile.roles import CASTS, OUTSIDERS, allowed, refusal_of
from tests.unit.domain.story import Story

GROUPS = {
    # every signed-in person is a member of a workspace; a token that says more than was granted gives no more
    "MEMBERS": "member, admin, stranger, claims to be admin",
    "CIRCLE": "owner, friend, friend by mail, guest by link, person by link",
}
TABLE = {
    "workspace": """
        create: MEMBERS
        change_details: admin
        submit_description: MEMBERS
        request_implementation: MEMBERS
        return_to_beta: admin
        post: MEMBERS, bot
        create_session: MEMBERS
        complete_session: MEMBERS
        add_feedback: MEMBERS
        change_feedback: MEMBERS
        remove_feedback: MEMBERS
        send_feedback: MEMBERS
        start_execution: bot
        advance_phase: bot
        add_checkpoint: bot
        complete_execution: bot
        fail_execution: MEMBERS, bot, system
        retry_execution: MEMBERS, bot
        report_progress: bot
        start_deploy: bot
        report_building: bot
        succeed_deploy: bot
        fail_deploy: bot, system
        cancel_deploy: admin, bot
        retry_deploy: bot
        append_deploy_log: bot
        approve: MEMBERS
        verify: admin
        set_version: admin, bot
        delete: MEMBERS
        reopen: MEMBERS
    """,
    "share": """
        share: owner, friend, friend by mail, admin, stranger, guest, claims to be admin
        change_share: owner
        revoke_share: owner, admin, system
        expire_share: system
        delete: owner, admin, system
        claim: system
        add_comment: CIRCLE
        edit_comment: CIRCLE
        delete_comment: CIRCLE, admin
        vote: CIRCLE
        withdraw_vote: CIRCLE
        show: system
        count_visit: system
    """,
    "conversation": """
        start: owner, admin, stranger, guest, claims to be admin
        say: owner, editor, commenter, system
        begin_turn: bot
        append_turn: bot
        annotate: bot
        complete_turn: bot
        stop_turn: owner, editor, commenter
        fail_turn: bot
        interrupt_turn: system
        rate_turn: owner, editor, commenter
        set_requirements: owner, bot
        set_context: owner
        summarise: owner, bot
        complete: owner
        abandon: owner, system
        claim: system
        note_refusal: system
        delete: owner, admin, system
    """,
    "concept": """
        create: owner, admin, system, stranger, guest, claims to be admin
        change_details: owner
        delete: owner, admin, system
        add_image: owner, bot
        set_optimized_versions: owner, bot
        remove_image: owner
        set_products: owner, bot
        match_artisans: owner, bot
        favour: owner
        unfavour: owner
        add_ar_preview: owner, bot
        remove_ar_preview: owner
        count_ar_look: system
        count_ar_share: system
        request_refinement: owner
        suggest_refinement: bot
        apply_refinement: owner
        dismiss_refinement: owner
        request_quotes: owner
        cancel_quotes: owner
        accept_quote: owner
        expire_quotes: system
        note_quote: system
        undo_acceptance: system
        note_share: system
        queue_video: owner
        start_video: bot
        report_progress: bot
        complete_video: bot
        fail_video: owner, bot
        set_sustainability: bot
        claim: system
    """,
    "quote": """
        open: system
        submit_quote: seller
        revise_quote: seller
        withdraw_quote: seller
        view_quote: owner
        reject_quote: owner
        settle: system
        expire_quote: system
        post: owner, seller
        change_owner: system
        delete: owner, admin, system
    """,
    "person": """
        make_folder: owner
        change_folder: owner
        fill_folder: owner
        remove_folder: owner
        favour: owner
        unfavour: owner
        save_comparison: owner
        change_comparison: owner
        remove_comparison: owner
        set_style_profile: owner
        set_ai_preferences: owner
        note_click: owner
        settle_notifications: owner
        add_device: owner
        remove_device: owner
        mark_read: owner
        note_search: system
        notify: system
        note_room: system
        forget_room: system
        claim: system
        undo_claim: system
        hand_over: system
        take_over: system
    """,
}
"""Those to whom a room does not answer that it is not for them. Whose thing it is, and what status allows, are other rules."""

WHOSE_ROOM_IT_IS_NOT = {
    "workspace": {"bot of another room", "admin of another room"},  # guests, where the server takes them, look on
    "share": set(OUTSIDERS) | {"owner elsewhere", "guest of another", "bot"},
    "concept": set(OUTSIDERS) - {"looking bot"} | {"owner elsewhere"},
    "quote": set(OUTSIDERS) | {"owner elsewhere", "another seller", "bot"},
    "conversation": set(OUTSIDERS) - {"looking bot"} | {"owner elsewhere"},
    "person": set(OUTSIDERS) | {"owner elsewhere", "admin", "bot"},
}
"""To these a room that is there answers as one that is not, whatever they ask for."""


def written(kind: str) -> dict[str, set[str]]:
    lines = (line.strip().partition(":") for line in TABLE[kind].strip().splitlines())
    return {verb: {name for group in names.split(",") for name in _people(group.strip())} for verb, _, names in lines}


def _people(group: str) -> Iterator[str]:
    yield from (name.strip() for name in GROUPS.get(group, group).split(","))


def test_every_command_of_every_kind_has_its_line() -> None:
    assert {kind: set(written(kind)) for kind in TABLE} == {kind: set(decider.commands) for kind, decider in KINDS.items()}


@pytest.mark.parametrize(("kind", "verb"), [(kind, verb) for kind, decider in KINDS.items() for verb in decider.commands])
def test_a_command_is_for_those_of_the_table_and_nobody_else(kind: str, verb: str) -> None:
    assert allowed(kind, verb) == written(kind)[verb]


@pytest.mark.parametrize("kind", KINDS)
def test_to_outsiders_a_room_that_is_there_answers_as_one_that_is_not(kind: str) -> None:
    cast, decider = CASTS[kind], KINDS[kind]
    for verb in set(decider.commands) - {decider.creates}:
        for name in WHOSE_ROOM_IT_IS_NOT[kind] - written(kind)[verb]:
            there = refusal_of(cast.made(), cast.people[name], verb)
            missing = refusal_of(_missing(cast.made()), cast.people[name], verb)
            assert (type(there), str(there)) == (NotAllowed, str(NotAllowed())), (verb, name)
            assert (type(missing), str(missing)) == (type(there), str(there)), (verb, name)


@pytest.mark.parametrize("kind", KINDS)
def test_they_may_not_look_either(kind: str) -> None:
    story = CASTS[kind].made()
    for name in WHOSE_ROOM_IT_IS_NOT[kind]:
        who = CASTS[kind].people[name]
        assert story.decider.standing(story.state, who.actor, who.claims, story.at_ms) is None, name


def _missing(story: Story) -> Story:
    story.state = story.decider.initial(story.room)
    return story
