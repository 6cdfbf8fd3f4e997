"""What friends say and how they vote: only where the share allows it."""

from domain.decider import Context, Decision
from domain.ids import ActorId, ThingId
from domain.kinds.share import commands as ask
from domain.kinds.share import events as did
from domain.kinds.share.standing import role_for
from domain.kinds.share.state import Share
from domain.kinds.share.ticks import TALLY, Tally
from domain.parts.discussion import (
    Ballot,
    check_deletion,
    check_edit,
    check_has_voted,
    check_new_comment,
    check_new_vote,
    with_vote,
    without_vote,
)
from domain.parts.mentions import mentioned
from domain.rejections import CommentsOff, VotingOff


def add_comment(state: Share, command: ask.AddComment, context: Context) -> Decision:
    _check_comments(state)
    parent = check_new_comment(state.discussion, command.parent_id)
    event = did.CommentAdded(
        text=command.text,
        parent_id=None if command.parent_id is None else ThingId(command.parent_id),
        depth=parent.depth + 1 if parent else 0,
        mentions=mentioned(command.text, state.names, context.actor.id),
        parent_author_id=parent.author_id if parent and parent.author_id in state.names else None,
        owner_id=state.owner_id,
        title=state.face.concept.name,
        comment_count=state.discussion.count + 1,
    )
    return Decision((event,))


def edit_comment(state: Share, command: ask.EditComment, context: Context) -> Decision:
    _check_comments(state)
    check_edit(state.discussion, command.comment_id, context.actor.id)
    mentions = mentioned(command.text, state.names, context.actor.id)
    before = _called_by(state, command.comment_id)
    event = did.CommentEdited(
        comment_id=ThingId(command.comment_id),
        text=command.text,
        mentions=mentions,
        called=tuple(who for who in mentions if before is not None and who not in before),
        title=state.face.concept.name,
    )
    return Decision((event,))


def delete_comment(state: Share, command: ask.DeleteComment, context: Context) -> Decision:
    """What somebody said they may always take back, also where comments are off by now."""
    may_delete_all = role_for(state, context) in ("owner", "admin")
    remark = check_deletion(state.discussion, command.comment_id, context.actor.id, may_delete_all=may_delete_all)
    event = did.CommentDeleted(
        comment_id=ThingId(command.comment_id), redacted=remark.offsets, comment_count=state.discussion.count - 1
    )
    return Decision((event,))


def vote(state: Share, command: ask.CastVote, context: Context) -> Decision:
    """The same vote again is accepted and changes nothing."""
    _check_voting(state)
    voter = context.actor.id
    check_new_vote(state.ballot, voter)
    old = state.ballot.votes.get(voter)
    after = with_vote(state.ballot, voter, command.vote)
    if old == command.vote:
        return Decision()
    event = did.VoteCast(vote=command.vote, old=old, up=after.up, down=after.down)
    return Decision((event,), ticks=(_tally(after),))


def withdraw_vote(state: Share, command: ask.WithdrawVote, context: Context) -> Decision:
    """Also where voting is off by now: a vote is one's own."""
    old = check_has_voted(state.ballot, context.actor.id)
    after = without_vote(state.ballot, context.actor.id)
    return Decision((did.VoteWithdrawn(old=old, up=after.up, down=after.down),), ticks=(_tally(after),))


def _tally(ballot: Ballot) -> Tally:
    return Tally(key=TALLY, up=ballot.up, down=ballot.down)


def _called_by(state: Share, comment_id: str) -> tuple[ActorId, ...] | None:
    """Whom the comment calls so far; None where that is no longer known, and nobody is to be called twice."""
    return next((comment.mentions for comment in state.discussion.newest if comment.id == comment_id), None)


def _check_comments(state: Share) -> None:
    if not state.face.allow_comments:
        raise CommentsOff("this share takes no comments: only its owner may allow them")


def _check_voting(state: Share) -> None:
    if not state.face.allow_voting:
        raise VotingOff("this share takes no votes: only its owner may allow them")
