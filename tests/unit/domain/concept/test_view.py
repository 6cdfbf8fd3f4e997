"""The view of a concept fits, whatever it holds, and the row is always whole."""

from domain.event_codec import encode
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.concept.fitting import VIEW_MAX_BYTES
from domain.kinds.concept.state import IMAGES_MAX, PREVIEWS_MAX, REFINEMENTS_MAX, SHARES_MAX
from tests.unit.domain.concept.stories import SELLER_OF, GiftStory, concept, plain, share_noted
from tests.unit.domain.story import ADA, BOT

LARGE = {"a": "x" * 12_000}


def full(text: str) -> GiftStory:
    """As large as the rules let it become; ``text`` is what everything is made of."""
    story = concept()
    story.given(ADA, "change_details", name=text[:1] * 200, description=text * (20_000 // len(text)))
    url = f"https://x/{text * (1_900 // len(text))}"
    for _ in range(IMAGES_MAX):
        image_id = story.given(ADA, "add_image", url=url)
        story.given(BOT, "set_optimized_versions", image_id=image_id, versions=LARGE)
    for _ in range(PREVIEWS_MAX):
        story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url=url, placement=LARGE)
    for _ in range(REFINEMENTS_MAX):
        refinement_id = story.given(ADA, "request_refinement", refinement_type="SIZE", feedback=text * (10_000 // len(text)))
        suggestion = {"changes": LARGE, "explanation": text * (10_000 // len(text)), "confidence": 1}
        story.given(BOT, "suggest_refinement", refinement_id=refinement_id, **suggestion)
    for number in range(SHARES_MAX):
        share_noted(story, number, title=text * (500 // len(text)))
    story.given(BOT, "set_products", products=[{"name": text[:1] * 200, "image_url": url}] * 20)
    story.given(BOT, "set_sustainability", score=LARGE)
    story.given(
        ADA,
        "request_quotes",
        sellers=[SELLER_OF["Smith"]],
        message=text * (20_000 // len(text)),
        expires_at=story.at_ms + 60_000,
    )
    return story


def test_a_small_concept_is_shown_whole() -> None:
    story = concept()
    image_id = story.given(ADA, "add_image", url="https://x/1")
    story.given(BOT, "set_optimized_versions", image_id=image_id, versions={"mobile": "m"})

    assert plain(story.view)["images"][0]["versions"] == {"mobile": "m"}
    assert set(plain(story.view)) == {
        "concept",
        "images",
        "products",
        "matches",
        "refinements",
        "requests",
        "videos",
        "previews",
        "score",
        "shares",
    }


def test_a_full_concept_fits_and_its_row_is_whole() -> None:
    for text in ("x", "😀", "\x01"):
        story = full(text)

        view = CONCEPT.view(story.state)
        assert len(encode(view)) <= VIEW_MAX_BYTES, repr(text)
        assert view.concept == story.state.face
        assert [request.id for request in view.requests] == [story.state.open_requests[0].id], "it can be accepted and called off"


def test_open_objects_go_before_anything_else_does() -> None:
    story = concept()
    for _ in range(30):
        image_id = story.given(ADA, "add_image", url="https://x/1")
        story.given(BOT, "set_optimized_versions", image_id=image_id, versions=LARGE)
    story.given(ADA, "request_refinement", refinement_type="SIZE", feedback="larger")

    view = CONCEPT.view(story.state)

    assert len(view.images) == 30
    assert all(image.versions == {} for image in view.images)
    assert view.refinements[0].feedback == "larger"


def test_a_session_never_shows() -> None:
    story = concept()

    assert "session" not in encode(story.view).decode()
