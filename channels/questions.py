"""What a connection has to wait for: who a token stands for, and what may have to be read. In time, or a refusal; never raises."""

import asyncio
import logging

from channels.effects import Ask, Inquire
from channels.hub import Hub
from channels.ports import Authenticator, InvalidToken
from channels.replies import Told
from channels.seats import Identity
from domain.rejections import Rejection, Unavailable

logger = logging.getLogger(__name__)


async def identify(authenticator: Authenticator, token: str, limit_s: float) -> Identity | InvalidToken | Rejection:
    try:
        async with asyncio.timeout(limit_s):
            return await authenticator.identify(token)
    except (InvalidToken, Rejection) as cause:
        return cause
    except TimeoutError:
        return Unavailable("the token could not be checked in time; repeat it in a moment")
    except Exception:
        logger.exception("a token could not be checked")
        return Unavailable("the token could not be checked; repeat it in a moment")


async def answer(hub: Hub, identity: Identity, ask: Ask | Inquire, limit_s: float) -> Told | Rejection:
    try:
        async with asyncio.timeout(limit_s):
            return await _asked(hub, identity, ask)
    except Rejection as refusal:
        return refusal
    except TimeoutError:
        return Unavailable("that took too long; repeat it in a moment")
    except Exception:
        logger.exception("a question could not be answered: %s", ask)
        return Unavailable("that could not be answered; repeat it in a moment")


async def _asked(hub: Hub, identity: Identity, ask: Ask | Inquire) -> Told:
    if isinstance(ask, Inquire):
        return await hub.ask(identity, ask.name, ask.payload)
    match ask.question:
        case "presence":
            return await hub.presence(identity, ask.room)
        case "presence_stats":
            return await hub.presence_stats(identity, ask.room)
        case "history":
            return await hub.history(identity, ask.room, ask.after, ask.limit, ask.is_reverse)
        case "standing":
            return await hub.standing(identity, ask.room)
