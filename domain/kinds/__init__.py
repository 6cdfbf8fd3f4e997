"""Every kind of room, by name: the registry that the product runs with."""

from domain.decider import Registry
from domain.kinds.concept import CONCEPT
from domain.kinds.conversation import CONVERSATION
from domain.kinds.person import PERSON
from domain.kinds.quote import QUOTE
from domain.kinds.share import SHARE
from domain.kinds.workspace import WORKSPACE

KINDS: Registry = {
    WORKSPACE.kind: WORKSPACE,
    SHARE.kind: SHARE,
    CONVERSATION.kind: CONVERSATION,
    CONCEPT.kind: CONCEPT,
    QUOTE.kind: QUOTE,
    PERSON.kind: PERSON,
}
