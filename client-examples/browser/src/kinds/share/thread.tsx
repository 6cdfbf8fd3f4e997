/** What friends say about a concept: threads, with what was deleted keeping its place. */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useMemo, useState } from "preact/hooks";
import { Announcer } from "../../components/announcer";
import { AskButton, AskState } from "../../components/ask_button";
import { AuthorMark, Avatar } from "../../components/avatar";
import { Composer } from "../../components/composer";
import { DraftItem } from "../../components/drafts";
import { useAsking } from "../../components/hooks";
import { Markdown } from "../../components/markdown";
import { Ago } from "../../components/moment";
import { counted, nameOf } from "../../format/words";
import type { Draft } from "../../wire/outbox";
import { COMMENT_MAX, CommentForm } from "./comment_form";
import { loadComments, missingOf } from "./earlier";
import type { SharePicture, ShareRoom } from "./manner";
import { draftsUnder, type Thread, threadsOf } from "./tree";
import type { Comment } from "./types";

interface CommentsProps {
  picture: SharePicture;
  room: ShareRoom;
  me: string;
  token: string;
}

export function Comments({ picture, room, me, token }: CommentsProps): JSX.Element | null {
  const { state, drafts, role, typing } = picture;
  const comments = state?.comments;
  const threads = useMemo(() => threadsOf(comments ?? []), [comments]);
  if (!state) return null;
  const load = (parent: string): Promise<void> => loadComments(room, state.share.id, token, parent);
  const may: May = {
    me,
    write: role !== "viewer" && state.share.allow_comments,
    deleteAll: role === "owner",
    drafts,
    room,
    replyCounts: state.replyCounts,
    load,
  };
  return (
    <div class="discussion">
      {threads.length === 0 && drafts.length === 0 && (
        <p class="hint">
          {state.share.allow_comments ? "Nobody has said anything yet. Be the first." : "Comments are off here."}
        </p>
      )}
      {missingOf(state) > 0 && <AskButton command={() => load("")}>Show earlier comments</AskButton>}
      <ol class="threads" aria-label="Comments">
        {threads.map((thread) => (
          <ThreadItem key={thread.comment.id} thread={thread} may={may} depth={0} />
        ))}
        <DraftItems drafts={draftsUnder(drafts, "")} room={room} />
      </ol>
      <Composer
        label="Comment"
        placeholder="Say what you think …"
        onSend={(text) => void room.say("add_comment", { text }, text)}
        onTyping={() => room.signalTyping()}
        closedBecause={closedBecause(picture)}
        typing={typing}
        longest={COMMENT_MAX}
      />
      <Announcer
        newest={state.comments.at(-1)}
        me={me}
        tell={({ by, text }) => `${nameOf(by)} commented: ${text.slice(0, 300)}`}
      />
    </div>
  );
}

function closedBecause({ role, state }: SharePicture): string {
  if (state && !state.share.allow_comments) return "Comments are off for this share.";
  return role === "viewer" ? "You are a viewer here: you see everything as it happens." : "";
}

/** What the reader may do here, and with what. */
interface May {
  me: string;
  write: boolean;
  deleteAll: boolean;
  drafts: readonly Draft[];
  room: ShareRoom;
  replyCounts: Readonly<Record<string, number>>;
  load: (parent: string) => Promise<void>;
}

interface ThreadItemProps {
  thread: Thread;
  may: May;
  depth: number;
}

function ThreadItem({ thread, may, depth }: ThreadItemProps): JSX.Element {
  const { comment, replies } = thread;
  const [isReplying, setReplying] = useState(false);
  const { room } = may;
  const reply = (text: string): void => {
    void room.say("add_comment", { text, parent_id: comment.id }, text);
    setReplying(false);
  };
  const drafts = draftsUnder(may.drafts, comment.id);
  const hidden = (may.replyCounts[comment.id] ?? 0) - replies.length;
  return (
    <li class="thread" data-comment-id={comment.id}>
      {comment.is_deleted ? (
        <p class="comment-deleted">This comment was deleted.</p>
      ) : (
        <CommentItem
          comment={comment}
          isMine={comment.by.id === may.me}
          canWrite={may.write}
          canDelete={may.deleteAll || comment.by.id === may.me}
          room={room}
          onReply={() => setReplying(!isReplying)}
        />
      )}
      {isReplying && (
        <CommentForm
          label={`Reply to ${nameOf(comment.by)}`}
          words="Reply"
          onSend={reply}
          onClose={() => setReplying(false)}
          onTyping={() => room.signalTyping()}
        />
      )}
      {hidden > 0 && (
        <AskButton command={() => may.load(comment.id)}>Show {counted(hidden, "more reply", "more replies")}</AskButton>
      )}
      {(replies.length > 0 || drafts.length > 0) && (
        <ol class={`threads replies ${depth >= 3 ? "replies-deep" : ""}`}>
          {replies.map((one) => (
            <ThreadItem key={one.comment.id} thread={one} may={may} depth={depth + 1} />
          ))}
          <DraftItems drafts={drafts} room={room} />
        </ol>
      )}
    </li>
  );
}

function DraftItems({ drafts, room }: { drafts: readonly Draft[]; room: ShareRoom }): JSX.Element {
  return (
    <>
      {drafts.map((draft) => (
        <li key={draft.commandId} class="thread">
          <DraftItem draft={draft} room={room} />
        </li>
      ))}
    </>
  );
}

interface CommentItemProps {
  comment: Comment;
  isMine: boolean;
  canWrite: boolean;
  canDelete: boolean;
  room: ShareRoom;
  onReply: () => void;
}

const CommentItem = memo(
  DrawnComment,
  (before, after) =>
    before.comment === after.comment &&
    before.canWrite === after.canWrite &&
    before.canDelete === after.canDelete &&
    before.onReply === after.onReply,
);

function DrawnComment({ comment, isMine, canWrite, canDelete, room, onReply }: CommentItemProps): JSX.Element {
  const [isEditing, setEditing] = useState(false);
  const { id, by, text } = comment;
  return (
    <article class="comment" aria-label={`Comment by ${nameOf(by)}`}>
      <Avatar actor={by} size="small" />
      <div class="comment-body">
        <p class="talk-head">
          <strong class="author">{nameOf(by)}</strong>
          {isMine && <span class="mark">You</span>}
          <AuthorMark actor={by} />
          <Ago at={comment.at} />
          {comment.edited_at !== null && <span class="hint">edited</span>}
        </p>
        {isEditing ? (
          <EditForm comment={comment} room={room} onClose={() => setEditing(false)} />
        ) : (
          <div class="said" data-message-id={id}>
            <Markdown source={text} />
          </div>
        )}
        {!isEditing && (
          <CommentActions
            onReply={canWrite ? onReply : undefined}
            onEdit={canWrite && isMine ? () => setEditing(true) : undefined}
            onDelete={canDelete ? () => room.give("delete_comment", { comment_id: id }) : undefined}
          />
        )}
      </div>
    </article>
  );
}

function EditForm({ comment, room, onClose }: { comment: Comment; room: ShareRoom; onClose: () => void }): JSX.Element {
  const asking = useAsking();
  const save = async (text: string): Promise<void> => {
    if (await asking.ask(() => room.give("edit_comment", { comment_id: comment.id, text }))) onClose();
  };
  return (
    <>
      <CommentForm
        label="Your comment"
        words="Save"
        initial={comment.text}
        onSend={(text) => void save(text)}
        onClose={onClose}
        onTyping={() => room.signalTyping()}
      />
      <AskState asking={asking} />
    </>
  );
}

interface CommentActionsProps {
  onReply: (() => void) | undefined;
  onEdit: (() => void) | undefined;
  onDelete: (() => Promise<unknown>) | undefined;
}

function CommentActions({ onReply, onEdit, onDelete }: CommentActionsProps): JSX.Element {
  const asking = useAsking();
  return (
    <p class="comment-actions">
      {onReply && (
        <button type="button" class="link-button" onClick={onReply}>
          Reply
        </button>
      )}
      {onEdit && (
        <button type="button" class="link-button" onClick={onEdit}>
          Edit
        </button>
      )}
      {onDelete && (
        <button type="button" class="link-button" aria-busy={asking.isAsking} onClick={() => void asking.ask(onDelete)}>
          Delete
        </button>
      )}
      <AskState asking={asking} />
    </p>
  );
}
