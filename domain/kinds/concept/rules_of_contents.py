"""What a concept holds: images, products, artisans who fit, previews in a scene, and how sustainable it is."""

from collections.abc import Iterable

from domain.decider import Context, Decision, Ref
from domain.event_codec import encode
from domain.ids import ThingId, keyed_id
from domain.kinds.concept import commands as ask
from domain.kinds.concept import events as did
from domain.kinds.concept.state import IMAGES_MAX, PREVIEWS_MAX, Concept, cover_of
from domain.kinds.concept.ticks import PreviewCounts, preview_key
from domain.kinds.concept.view import Image, Match, Preview, Product
from domain.limits import OBJECT_MAX_BYTES, OpenObject
from domain.parts.json_merge import merged
from domain.refs import SellerFace
from domain.rejections import LimitReached, Malformed, UnknownThing


def add_image(state: Concept, command: ask.AddImage, context: Context) -> Decision:
    if len(state.images) >= IMAGES_MAX:
        raise LimitReached(f"a concept has at most {IMAGES_MAX} images: remove one first")
    behind = state.images[-1].position + 1 if state.images else 0
    position = behind if command.position is None else command.position
    is_first = not state.images or position < state.images[0].position
    event = did.ImageAdded(
        url=command.url,
        format=command.format,
        position=position,
        cover_url=command.url if is_first else cover_of(state.images),
        shares=state.open_shares,
    )
    return Decision((event,))


def set_optimized_versions(state: Concept, command: ask.SetOptimizedVersions, context: Context) -> Decision:
    image = _image(state, command.image_id)
    given = (command.versions, command.compression_ratio, command.format, command.priority)
    if all(value is None for value in given):
        raise Malformed("nothing to change: give versions, compression_ratio, format or priority - at `$`")
    event = did.ImageOptimized(
        image_id=image.id,
        versions=image.versions if command.versions is None else _merged(image.versions, command.versions, "$.versions"),
        compression_ratio=image.compression_ratio if command.compression_ratio is None else command.compression_ratio,
        format=image.format if command.format is None else command.format,
        priority=image.priority if command.priority is None else command.priority,
    )
    return Decision((event,))


def remove_image(state: Concept, command: ask.RemoveImage, context: Context) -> Decision:
    image = _image(state, command.image_id)
    left = tuple(other for other in state.images if other.id != image.id)
    return Decision((did.ImageRemoved(image_id=image.id, cover_url=cover_of(left), shares=state.open_shares),))


def set_products(state: Concept, command: ask.SetProducts, context: Context) -> Decision:
    """Each product's id follows from this event's and its place."""
    event_id = context.id_of_event()
    products = tuple(
        Product(
            id=keyed_id("generated_product", event_id, str(place)),
            name=product.name,
            price=product.price,
            image_url=product.image_url,
            data=product.data,
        )
        for place, product in enumerate(command.products)
    )
    return Decision((did.ProductsGenerated(products=products, gone=tuple(product.id for product in state.products)),))


def refs_of_match(command: ask.MatchArtisans) -> Iterable[Ref]:
    return tuple(Ref("seller", seller_id) for seller_id in dict.fromkeys(match.seller_id for match in command.matches))


def match_artisans(state: Concept, command: ask.MatchArtisans, context: Context) -> Decision:
    """There is one match per artisan, whose id follows from concept and artisan."""
    sellers = [match.seller_id for match in command.matches]
    if len(set(sellers)) != len(sellers):
        raise Malformed("an artisan is matched once - at `$.matches`")
    matches = tuple(_match(state, match, context) for match in command.matches)
    before, now = {match.id for match in state.matches}, {match.id for match in matches}
    event = did.ArtisansMatched(
        matches=matches,
        kept=tuple(match.id for match in matches if match.id in before),
        gone=tuple(match.id for match in state.matches if match.id not in now),
    )
    return Decision((event,))


def add_ar_preview(state: Concept, command: ask.AddArPreview, context: Context) -> Decision:
    if len(state.previews) >= PREVIEWS_MAX:
        raise LimitReached(f"a concept has at most {PREVIEWS_MAX} previews: remove one first")
    event = did.ArPreviewAdded(
        scene_type=command.scene_type,
        image_url=command.image_url,
        placement=command.placement,
        metadata=command.metadata,
        shares=state.open_shares,
    )
    return Decision((event,))


def remove_ar_preview(state: Concept, command: ask.RemoveArPreview, context: Context) -> Decision:
    preview = _preview(state, command.preview_id)
    return Decision((did.ArPreviewRemoved(preview_id=preview.id, shares=state.open_shares),))


def count_ar_look(state: Concept, command: ask.CountArLook, context: Context) -> Decision:
    counts = _counts(state, command.preview_id, context)
    return _counted(counts, counts.view_count + 1, counts.share_count)


def count_ar_share(state: Concept, command: ask.CountArShare, context: Context) -> Decision:
    counts = _counts(state, command.preview_id, context)
    return _counted(counts, counts.view_count, counts.share_count + 1)


def set_sustainability(state: Concept, command: ask.SetSustainability, context: Context) -> Decision:
    score = _merged(state.score, command.score, "$.score")
    return Decision((did.SustainabilityScored(score=score, is_first=not state.has_score, shares=state.open_shares),))


def seller_of(context: Context, seller_id: str) -> SellerFace:
    """Raises ``UnknownThing``."""
    seller = context.refs.get(Ref("seller", seller_id))
    if not isinstance(seller, SellerFace):
        raise UnknownThing(f"there is no artisan with the id {seller_id}: look them up with GET /sellers")
    return seller


def _match(state: Concept, given: ask.GivenMatch, context: Context) -> Match:
    seller = seller_of(context, given.seller_id)
    return Match(
        id=keyed_id("artisan_match", state.id, given.seller_id),
        seller_id=ThingId(given.seller_id),
        user_id=seller.user_id if seller.is_active else "",
        name=seller.name,
        score=given.score,
        reasons=given.reasons,
    )


def _image(state: Concept, image_id: str) -> Image:
    image = state.image(image_id)
    if image is None:
        raise UnknownThing(f"no image of this concept has the id {image_id}")
    return image


def _preview(state: Concept, preview_id: str) -> Preview:
    preview = state.preview(preview_id)
    if preview is None:
        raise UnknownThing(f"no preview of this concept has the id {preview_id}")
    return preview


def _counts(state: Concept, preview_id: str, context: Context) -> PreviewCounts:
    """As they were told last."""
    preview = _preview(state, preview_id)
    key = preview_key(preview.id)
    last = context.last_ticks.get(key)
    return last if isinstance(last, PreviewCounts) else PreviewCounts(key=key, preview_id=preview.id, view_count=0, share_count=0)


def _counted(counts: PreviewCounts, view_count: int, share_count: int) -> Decision:
    tick = PreviewCounts(key=counts.key, preview_id=counts.preview_id, view_count=view_count, share_count=share_count)
    return Decision(ticks=(tick,))


def _merged(old: OpenObject, patch: OpenObject, path: str) -> OpenObject:
    result = merged(old, patch)
    if len(encode(result)) > OBJECT_MAX_BYTES:
        raise LimitReached(f"this would be larger than {OBJECT_MAX_BYTES // 1024} KiB with the change - at `{path}`")
    return result
