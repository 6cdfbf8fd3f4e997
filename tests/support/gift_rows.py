"""Rows of concepts, requests and quotes as their projections would leave them, for tests of queries and of the schema."""

from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id


def seller(seller_id: str, user_id: str | None = None, name: str = "Smith", seconds: int = 0, **others: object) -> Row:
    values = {"id": seller_id, "user_id": user_id, "name": name, "created_at": at(seconds), "updated_at": at(seconds)}
    return Row("sellers", {**values, **others})


def concept(concept_id: str, user_id: str | None = None, seconds: int = 0, **others: object) -> Row:
    values = {"id": concept_id, "user_id": user_id, "name": "Ring", "created_at": at(seconds), "updated_at": at(seconds)}
    return Row("concepts", {**values, **others})


def part(table: str, concept_id: str, seconds: int = 0, **others: object) -> Row:
    """A row of a concept with what its table cannot do without."""
    return Row(table, {"id": new_id(), "concept_id": concept_id, "created_at": at(seconds), **_NEEDED[table], **others})


_NEEDED: dict[str, dict[str, object]] = {
    "concept_images": {"url": "https://x/1", "format": "jpeg"},
    "generated_products": {"name": "Box"},
    "artisan_matches": {"score": 50.0},
    "concept_refinements": {"refinement_type": "COLOR", "user_feedback": "bluer", "ai_explanation": "sea", "confidence": 0.5},
    "ar_previews": {"scene_type": "ROOM", "image_url": "https://x/ar"},
    "video_generation_jobs": {"style": "SHOWCASE", "duration": 30},
    "sustainability_scores": {"updated_at": at(0)},
}


def request(request_id: str, concept_id: str, user_id: str | None = None, seconds: int = 0, **others: object) -> Row:
    values = {"id": request_id, "concept_id": concept_id, "user_id": user_id, "created_at": at(seconds), "updated_at": at(seconds)}
    return Row("quote_requests", {**values, "expires_at": at(seconds + 86_400), **others})


def quote(quote_id: str, request_id: str, seller_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": quote_id, "quote_request_id": request_id, "seller_id": seller_id, "total_price": "130.00", "estimated_days": 3}
    times = {"created_at": at(seconds), "updated_at": at(seconds), "expires_at": at(seconds + 86_400)}
    return Row("artisan_quotes", {**values, **times, **others})


def quote_message(request_id: str, seller_id: str, offset: int, author_id: str, **others: object) -> Row:
    values = {"id": new_id(), "quote_request_id": request_id, "seller_id": seller_id, "offset": offset, "author_id": author_id}
    return Row("quote_messages", {**values, "content": f"word {offset}", "created_at": at(offset), **others})
