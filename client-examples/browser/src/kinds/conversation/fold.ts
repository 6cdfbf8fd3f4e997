/** A conversation as this page knows it: messages, answers as they are told, what was found out (see wire/fold.ts). */
import type { Piece, Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import { continued, type LiveText } from "../../wire/live_text";
import type { Actor, Recorded, Tick } from "../../wire/types";
import type { ConversationEvent, ConversationFace, ConversationView, Message, MessageAdded, Status, Turn } from "./types";

export interface ConversationState {
  position: Position;
  conversation: ConversationFace;
  /** Oldest first. */
  messages: readonly Message[];
  /** The open ones: being told, or waiting for somebody who takes them over. */
  turns: readonly Turn[];
  /** Per open turn, what was told so far. */
  told: Readonly<Record<string, LiveText>>;
  /** Per turn, why an action of it was refused in another room. */
  refusals: Readonly<Record<string, string>>;
  isDeleted: boolean;
}

/** More than a turn may ever have (128 KiB). */
const TOLD_CHARACTERS = 131_072;
const TURN_KEY = "turn:";

function opened(view: ConversationView, position: Position, before: ConversationState | undefined): ConversationState {
  const isSameLog = before?.position.epoch === position.epoch;
  return {
    position,
    conversation: view.conversation,
    messages: [...(before && isSameLog ? olderThan(before.messages, view.messages) : []), ...view.messages],
    turns: view.turns,
    told: {},
    refusals: (isSameLog && before?.refusals) || {},
    isDeleted: false,
  };
}

/** What was loaded before the newest, where the two meet. */
function olderThan(before: readonly Message[], newest: readonly Message[]): readonly Message[] {
  const first = newest[0];
  const isMet = first && before.some((message) => message.id === first.id);
  return isMet ? before.filter((message) => message.offset < first.offset) : [];
}

function folded(state: ConversationState, message: Recorded<ConversationEvent>): ConversationState {
  const face = { ...faceOf(state.conversation, message), updated_at: message.at };
  return { ...state, ...changesOf(state, message), conversation: face };
}

function faceOf(face: ConversationFace, { event, at }: Recorded<ConversationEvent>): ConversationFace {
  switch (event.type) {
    case "message_added":
      return { ...face, message_count: face.message_count + 1 };
    case "requirements_extracted":
      return { ...face, requirements: event.requirements };
    case "context_set":
      return { ...face, context: event.context };
    case "conversation_summarised":
      return { ...face, summary: event.summary };
    case "conversation_completed":
      return ended(face, "completed", at);
    case "conversation_abandoned":
      return ended(face, "abandoned", at);
    case "conversation_claimed":
      return { ...face, owner: { id: event.user_id, kind: "user", name: event.user_name ?? "" } };
    default:
      return face;
  }
}

function ended(face: ConversationFace, status: Status, at: number): ConversationFace {
  return { ...face, status, ended_at: at };
}

function changesOf(state: ConversationState, message: Recorded<ConversationEvent>): Partial<ConversationState> {
  const { event } = message;
  switch (event.type) {
    case "message_added":
      return { messages: [...state.messages, added(state, event, message)] };
    case "turn_started":
      return { turns: [...state.turns, begun(message)] };
    case "turn_resumed": {
      const { attempt } = event;
      return {
        turns: withTurn(state, event.turn_id, { attempt, status: "running", teller: message.by, last_event_at: message.at }),
      };
    }
    case "turn_interrupted":
      return { turns: withTurn(state, event.turn_id, { status: "interrupted", last_event_at: message.at }) };
    case "turn_completed": {
      const { model, tokens = null, actions = [], confidence = null } = event;
      const known = { model, tokens, actions, confidence, metric_id: message.id };
      return { ...withoutTurn(state, event.turn_id), messages: withMessage(state, event.message_id, known) };
    }
    case "turn_stopped":
    case "turn_failed":
      return withoutTurn(state, event.turn_id);
    case "turn_rated": {
      const { rating = null, accepted = null } = event;
      return { messages: withMessage(state, event.message_id, { rating, accepted }) };
    }
    case "message_annotated": {
      const { intent = "", entities = [], confidence = null } = event;
      return { messages: withMessage(state, event.message_id, { intent, entities, confidence }) };
    }
    case "action_refused":
      return { refusals: { ...state.refusals, [event.turn_id]: event.reason ?? "" } };
    case "conversation_deleted":
      return { messages: [], turns: [], told: {}, isDeleted: true };
    default:
      return {};
  }
}

function added(state: ConversationState, event: MessageAdded, { id, offset, at, by }: Recorded): Message {
  const { role, text, metadata = {}, turn_id = null, attempt = 0, author_id } = event;
  return {
    id,
    offset,
    at,
    by: author_id ? tellerOf(state, turn_id, author_id) : by,
    role,
    text,
    metadata,
    turn_id,
    attempt,
    intent: "",
    entities: [],
    confidence: null,
    model: "",
    tokens: null,
    actions: [],
    metric_id: null,
    rating: null,
    accepted: null,
  };
}

function tellerOf(state: ConversationState, turnId: string | null, authorId: string): Actor {
  const turn = state.turns.find((one) => one.id === turnId);
  return turn?.teller ?? { id: authorId, kind: "bot" };
}

function begun({ id, at, by, event }: Recorded<ConversationEvent>): Turn {
  const { reply_to = null, on_behalf_of = null } = event as { reply_to?: string | null; on_behalf_of?: string | null };
  return { id, teller: by, attempt: 1, status: "running", started_at: at, reply_to, on_behalf_of, last_event_at: at };
}

function withTurn(state: ConversationState, id: string, change: Partial<Turn>): readonly Turn[] {
  return state.turns.map((turn) => (turn.id === id ? { ...turn, ...change } : turn));
}

function withoutTurn(state: ConversationState, id: string): Pick<ConversationState, "turns" | "told"> {
  const { [id]: _over, ...told } = state.told;
  return { turns: state.turns.filter((turn) => turn.id !== id), told };
}

function withMessage(state: ConversationState, id: string, change: Partial<Message>): readonly Message[] {
  return state.messages.map((message) => (message.id === id ? { ...message, ...change } : message));
}

/** A piece of an answer. What was seen is skipped; another telling replaces the text from where it begins. */
function withPiece(state: ConversationState, piece: Piece): ConversationState {
  const id = piece.key.slice(TURN_KEY.length);
  if (!piece.key.startsWith(TURN_KEY) || !state.turns.some((turn) => turn.id === id)) return state;
  const next = continued(state.told[id], piece, TOLD_CHARACTERS);
  return next ? { ...state, told: { ...state.told, [id]: next } } : state;
}

/** A page of older messages, by HTTP; it may overlap. */
export function withOlderMessages(state: ConversationState, page: readonly Message[]): ConversationState {
  const first = state.messages[0]?.offset ?? state.position.offset + 1;
  const older = page.filter((message) => message.offset < first).sort((a, b) => a.offset - b.offset);
  return { ...state, messages: [...older, ...state.messages] };
}

export const CONVERSATION_FOLD: Fold<ConversationState, ConversationView, ConversationEvent, Tick> = {
  kind: "conversation",
  opened,
  event: folded,
  tick: (state) => state,
  piece: withPiece,
  said: (state) => state.messages,
};
