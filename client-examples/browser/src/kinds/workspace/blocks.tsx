/** The blocks of a timeline: what people said, what Claude did, and short notes of the rest. */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { dayWords } from "../../format/time";
import { nameOf } from "../../format/words";
import { tell } from "./words";
import { pageClock } from "../../state/clock";
import type { Block } from "./timeline_blocks";
import type { Message, WorkspaceEvent } from "./types";
import { AuthorMark, Avatar } from "../../components/avatar";
import { CheckMark, ClaudeMark, CrossMark, FlagMark, RetryMark, RocketMark } from "../../components/icons";
import { Markdown } from "../../components/markdown";
import { Moment } from "../../components/moment";

/** A block is drawn again only when it has grown; ticks and typing leave it alone. */
export const BlockItem = memo(DrawnBlock, (before, after) => before.me === after.me && isSame(before.block, after.block));

function isSame(before: Block, after: Block): boolean {
  if (before.is !== after.is || before.key !== after.key) return false;
  return before.is === "day" || after.is === "day" || before.messages.length === after.messages.length;
}

function DrawnBlock({ block, me }: { block: Block; me: string }): JSX.Element {
  switch (block.is) {
    case "day":
      return (
        <li class="day">
          <span>{dayWords(block.at, pageClock.nowMs())}</span>
        </li>
      );
    case "talk":
      return <Talk block={block} me={me} />;
    case "run":
      return <Run block={block} />;
    case "notes":
      return (
        <>
          {block.messages.map((message) => (
            <Note key={message.id} message={message} me={me} />
          ))}
        </>
      );
  }
}

function Talk({ block, me }: { block: Extract<Block, { is: "talk" }>; me: string }): JSX.Element {
  return (
    <li class={`talk ${block.by.id === me ? "talk-mine" : ""} ${block.by.kind === "bot" ? "talk-bot" : ""}`}>
      <Avatar actor={block.by} />
      <div class="talk-body">
        <p class="talk-head">
          <strong class="author">{nameOf(block.by)}</strong>
          {block.by.id === me && <span class="mark">You</span>}
          <AuthorMark actor={block.by} />
          <Moment at={block.at} />
        </p>
        {block.messages.map((message) => (
          <Said key={message.id} message={message} />
        ))}
      </div>
    </li>
  );
}

function Said({ message }: { message: Message }): JSX.Element {
  const { event } = message;
  return (
    <div class="said" data-message-id={message.id}>
      {event.type === "pattern_description_submitted" && <p class="said-title">Description of the pattern</p>}
      <Markdown source={tell(message).note} />
      {event.type === "pattern_description_submitted" && <Steps steps={event.steps ?? []} reasoning={event.reasoning ?? ""} />}
      {"attachments" in event && <Attachments addresses={event.attachments ?? []} />}
    </div>
  );
}

function Steps({ steps, reasoning }: { steps: string[]; reasoning: string }): JSX.Element {
  return (
    <>
      {reasoning && <Markdown source={reasoning} />}
      {steps.length > 0 && (
        <ol class="said-steps">
          {steps.map((step, index) => (
            <li key={index}>{step}</li>
          ))}
        </ol>
      )}
    </>
  );
}

function Attachments({ addresses }: { addresses: string[] }): JSX.Element | null {
  const safe = addresses.filter((address) => /^https?:\/\//i.test(address));
  if (safe.length === 0) return null;
  return (
    <ul class="attachments">
      {safe.map((address) => (
        <li key={address}>
          <a href={address} target="_blank" rel="noopener noreferrer">
            {address.split("/").at(-1) || address}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Run({ block }: { block: Extract<Block, { is: "run" }> }): JSX.Element {
  const author = block.messages.find((message) => message.by.kind === "bot")?.by ?? block.by;
  return (
    <li class="run">
      <Avatar actor={author} />
      <div class="run-body">
        <p class="talk-head">
          <strong class="author">{nameOf(author)}</strong>
          <AuthorMark actor={author} />
          {block.isContinued && <span class="moment">went on</span>}
          <Moment at={block.at} />
        </p>
        <ul class="steps">
          {block.messages.map((message) => (
            <Step key={message.id} message={message} authorId={author.id} />
          ))}
        </ul>
      </div>
    </li>
  );
}

function Step({ message, authorId }: { message: Message; authorId: string }): JSX.Element {
  const { event, by } = message;
  const { what, note } = tell(message);
  const isOther = by.id !== authorId;
  return (
    <li class={`step step-of-${lookOf(event)}`} data-message-id={message.id}>
      <span class="step-mark" aria-hidden="true">
        {markOf(event)}
      </span>
      <div class="step-body">
        <p class="step-line">
          <span class="step-what">{isOther ? `${nameOf(by)} ${what}` : capital(what)}</span>
          <Moment at={message.at} />
        </p>
        {note && <Markdown source={note} />}
        {event.type === "claude_completed" && <Outcome files={event.files ?? []} hash={event.commit_hash ?? ""} />}
      </div>
    </li>
  );
}

function Outcome({ files, hash }: { files: string[]; hash: string }): JSX.Element | null {
  if (files.length === 0 && !hash) return null;
  return (
    <details class="outcome">
      <summary>
        {files.length} {files.length === 1 ? "file" : "files"} changed{hash && ","} {hash && <code>{hash.slice(0, 10)}</code>}
      </summary>
      <ul>
        {files.map((file) => (
          <li key={file}>
            <code>{file}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Note({ message, me }: { message: Message; me: string }): JSX.Element {
  const { what, note } = tell(message);
  return (
    <li class={`note note-${message.event.type}`} data-message-id={message.id}>
      <Avatar actor={message.by} size="small" />
      <div class="note-body">
        <p class="note-line">
          <strong class="author">{message.by.id === me ? "You" : nameOf(message.by)}</strong> {what} <Moment at={message.at} />
        </p>
        {note && <Markdown source={note} />}
      </div>
    </li>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type StepLook = "plain" | "phase" | "good" | "bad" | "deploy" | "checkpoint";

function lookOf(event: WorkspaceEvent): StepLook {
  switch (event.type) {
    case "claude_phase_update":
      return "phase";
    case "claude_checkpoint":
      return "checkpoint";
    case "claude_completed":
    case "deploy_success":
      return "good";
    case "claude_failed":
    case "deploy_failed":
      return "bad";
    case "deploy_started":
    case "deploy_building":
    case "deploy_retry":
    case "deploy_canceled":
      return "deploy";
    default:
      return "plain";
  }
}

function markOf(event: WorkspaceEvent): JSX.Element | null {
  if (event.type === "claude_retry") return <RetryMark />;
  switch (lookOf(event)) {
    case "good":
      return <CheckMark />;
    case "bad":
      return <CrossMark />;
    case "deploy":
      return <RocketMark />;
    case "checkpoint":
      return <FlagMark />;
    case "plain":
      return <ClaudeMark />;
    case "phase":
      return null;
  }
}
