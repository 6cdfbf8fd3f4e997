"""Refinements and videos: every status meets every command."""

import pytest

from domain.kinds.concept import events as did
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.concept.state import REFINEMENTS_MAX, VIDEOS_ACTIVE_MAX, VIDEOS_KEPT
from domain.kinds.concept.ticks import VideoProgress
from domain.rejections import LimitReached, UnknownThing, WrongStatus
from tests.unit.domain.concept.stories import SOME_ID, GiftStory, concept, share_noted, suggested, video
from tests.unit.domain.story import ADA, BOT

SUGGESTION = {"changes": {"color": "red"}, "explanation": "warm", "confidence": 0.5}


def refinement(status: str) -> tuple[GiftStory, str]:
    story = concept()
    if status == "requested":
        return story, story.given(ADA, "request_refinement", refinement_type="COLOR", feedback="bluer")
    refinement_id = suggested(story)
    if status == "applied":
        story.given(ADA, "apply_refinement", refinement_id=refinement_id)
    if status == "dismissed":
        story.given(ADA, "dismiss_refinement", refinement_id=refinement_id)
    return story, refinement_id


REFINEMENT_STEPS: dict[str, dict[str, type[Exception] | None]] = {
    "suggest_refinement": {"requested": None, "suggested": WrongStatus, "applied": UnknownThing, "dismissed": UnknownThing},
    "apply_refinement": {"requested": WrongStatus, "suggested": None, "applied": UnknownThing, "dismissed": UnknownThing},
    "dismiss_refinement": {"requested": None, "suggested": None, "applied": UnknownThing, "dismissed": UnknownThing},
}


@pytest.mark.parametrize("status", ["requested", "suggested", "applied", "dismissed"])
@pytest.mark.parametrize("verb", REFINEMENT_STEPS)
def test_a_refinement_goes_its_way_and_no_other(verb: str, status: str) -> None:
    story, refinement_id = refinement(status)
    who = BOT if verb == "suggest_refinement" else ADA
    fields = {"refinement_id": refinement_id, **(SUGGESTION if verb == "suggest_refinement" else {})}
    refused = REFINEMENT_STEPS[verb][status]

    if refused is None:
        assert len(story.when(who, verb, **fields)) == 1
    else:
        with pytest.raises(refused):
            story.when(who, verb, **fields)


def test_a_suggestion_is_complete_and_its_owner_hears_of_it_without_the_words() -> None:
    story, refinement_id = refinement("requested")
    offset = len(story.records)

    (event,) = story.when(BOT, "suggest_refinement", refinement_id=refinement_id, **SUGGESTION)

    assert event == did.RefinementSuggested(
        refinement_id=refinement_id,
        refinement_type="COLOR",
        feedback="bluer",
        changes={"color": "red"},
        explanation="warm",
        confidence=0.5,
        owner_id=ADA.actor.id,
        title="Ring",
    )
    (reaction,) = story.reactions(since=offset)
    assert reaction.target == f"person:{ADA.actor.id}"
    assert reaction.payload["what"] == "refinement_suggested"
    assert "bluer" not in str(reaction.payload)


def test_applying_takes_all_changes_or_those_that_are_named() -> None:
    story = concept()
    share = share_noted(story)
    first, second = suggested(story), suggested(story)

    (whole,) = story.when(ADA, "apply_refinement", refinement_id=first)
    (part,) = story.when(ADA, "apply_refinement", refinement_id=second, changes={"color": "blue"})

    assert whole == did.RefinementApplied(
        refinement_id=first, changes={"color": "blue", "shade": "deep"}, refinement_count=1, shares=(share,)
    )
    assert part == did.RefinementApplied(refinement_id=second, changes={"color": "blue"}, refinement_count=2, shares=(share,))
    assert story.view.concept.refinement_count == 2
    shown = [reaction.payload for record in story.records[-1:] for reaction in CONCEPT.reactions(record)]
    assert shown == [{"what": "refinement", "thing_id": second}]


@pytest.mark.parametrize(("status", "was_suggested"), [("requested", False), ("suggested", True)])
def test_a_dismissal_says_whether_there_is_a_row(status: str, was_suggested: bool) -> None:
    story, refinement_id = refinement(status)

    assert story.when(ADA, "dismiss_refinement", refinement_id=refinement_id) == (
        did.RefinementDismissed(refinement_id=refinement_id, was_suggested=was_suggested),
    )


def test_too_many_open_refinements_are_told() -> None:
    story = concept()
    for _ in range(REFINEMENTS_MAX):
        story.given(ADA, "request_refinement", refinement_type="SIZE", feedback="larger")

    with pytest.raises(LimitReached, match="apply or dismiss"):
        story.when(ADA, "request_refinement", refinement_type="SIZE", feedback="larger")


# --- Videos ---

VIDEO_STEPS: dict[str, set[str]] = {
    "start_video": {"QUEUED"},
    "report_progress": {"PROCESSING"},
    "complete_video": {"PROCESSING"},
    "fail_video": {"QUEUED", "PROCESSING"},
}
VIDEO_FIELDS: dict[str, dict[str, object]] = {
    "report_progress": {"progress": 10},
    "complete_video": {"video_url": "https://x/v.mp4"},
    "fail_video": {"error": "no"},
}


@pytest.mark.parametrize("status", ["QUEUED", "PROCESSING", "COMPLETED", "FAILED"])
@pytest.mark.parametrize("verb", VIDEO_STEPS)
def test_a_video_goes_its_way_and_no_other(verb: str, status: str) -> None:
    story = concept()
    fields = {"video_id": video(story, status), **VIDEO_FIELDS.get(verb, {})}

    if status in VIDEO_STEPS[verb]:
        decision = story.decide(BOT, story.command(verb, **fields))
        assert len(decision.events) + len(decision.ticks) == 1
    else:
        with pytest.raises(WrongStatus):
            story.when(BOT, verb, **fields)


def test_a_video_that_nobody_knows_cannot_be_made() -> None:
    with pytest.raises(UnknownThing):
        concept().when(BOT, "start_video", video_id=SOME_ID)
    with pytest.raises(WrongStatus, match="no video"):
        concept().when(BOT, "start_video")


def test_the_video_that_waits_longest_is_next() -> None:
    story = concept()
    first = video(story, "QUEUED")
    video(story, "QUEUED")

    assert story.when(BOT, "start_video") == (did.VideoStarted(video_id=first),)


def test_progress_never_falls_and_lives_while_the_video_is_made() -> None:
    story = concept()
    video_id = video(story)

    assert story.tick_of(BOT, "report_progress", video_id=video_id, progress=60) == VideoProgress(
        key=f"video:{video_id}", video_id=video_id, progress=60
    )
    assert story.tick_of(BOT, "report_progress", video_id=video_id, progress=20).progress == 60  # type: ignore[attr-defined]  # a video's tick
    assert CONCEPT.live_keys(story.state) == {f"video:{video_id}"}
    (event,) = story.when(BOT, "fail_video", video_id=video_id, error="dark")
    assert event == did.VideoFailed(video_id=video_id, error="dark", progress=60, owner_id=ADA.actor.id, title="Ring")
    assert CONCEPT.live_keys(story.state) == frozenset()


def test_an_owner_who_calls_a_video_off_is_named_and_not_told() -> None:
    story = concept()
    video_id = video(story)
    offset = len(story.records)

    (event,) = story.when(ADA, "fail_video", video_id=video_id, error="too dear")

    assert event.error == "called off by Ada: too dear"  # type: ignore[attr-defined]  # a VideoFailed
    assert story.reactions(since=offset) == []


def test_a_finished_video_reaches_its_owner_and_the_shares() -> None:
    story = concept()
    share = share_noted(story)
    video_id = video(story)
    offset = len(story.records)
    story.given(BOT, "complete_video", video_id=video_id, video_url="https://x/v.mp4")

    shown, told = story.reactions(since=offset)

    assert (shown.target, shown.payload) == (share, {"what": "video", "thing_id": video_id, "url": "https://x/v.mp4"})
    assert (told.target, told.payload["what"]) == (f"person:{ADA.actor.id}", "video_completed")


def test_active_videos_are_bounded_and_of_the_finished_the_newest_are_kept() -> None:
    story = concept()
    for _ in range(VIDEOS_KEPT + 3):
        video(story, "COMPLETED")
    for _ in range(VIDEOS_ACTIVE_MAX):
        video(story, "QUEUED")

    with pytest.raises(LimitReached):
        video(story, "QUEUED")
    assert len(story.view.videos) == VIDEOS_KEPT + VIDEOS_ACTIVE_MAX
