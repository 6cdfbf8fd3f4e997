/**
 * The conversation as the server tells it: domain/kinds/conversation/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { Actor, OpenObject } from "../../wire/types";

export type MessageRole = "user" | "assistant" | "system";
export type Status = "active" | "completed" | "abandoned";

// --- events: what has happened --------------------------------------------------------------------------------------

export interface ConversationStarted {
  type: "conversation_started";
  project_id?: string | null;
  context?: OpenObject;
  session_hash?: string;
}

export interface MessageAdded {
  type: "message_added";
  role: MessageRole;
  text: string;
  metadata?: OpenObject;
  turn_id?: string | null;
  attempt?: number;
  author_id?: string | null;
}

export interface TurnStarted {
  type: "turn_started";
  reply_to?: string | null;
  on_behalf_of?: string | null;
}

export interface TurnResumed {
  type: "turn_resumed";
  turn_id: string;
  attempt: number;
  position: number;
}

export interface TurnCompleted {
  type: "turn_completed";
  turn_id: string;
  message_id: string;
  model: string;
  model_version: string;
  tokens?: number | null;
  latency_ms?: number | null;
  cost_usd?: string | null;
  confidence?: number | null;
  actions?: OpenObject[];
  project_id?: string | null;
  on_behalf_of?: string | null;
}

export interface TurnStopped {
  type: "turn_stopped";
  turn_id: string;
  message_id?: string | null;
}

export interface TurnFailed {
  type: "turn_failed";
  turn_id: string;
  error: string;
  message_id?: string | null;
}

export interface TurnInterrupted {
  type: "turn_interrupted";
  turn_id: string;
  attempt: number;
  owner_id: string;
}

export interface TurnRated {
  type: "turn_rated";
  turn_id: string;
  message_id: string;
  metric_id: string;
  rating?: number | null;
  accepted?: boolean | null;
}

export interface MessageAnnotated {
  type: "message_annotated";
  message_id: string;
  intent?: string;
  entities?: OpenObject[];
  confidence?: number | null;
}

export interface RequirementsExtracted {
  type: "requirements_extracted";
  requirements: OpenObject;
}

export interface ContextSet {
  type: "context_set";
  context: OpenObject;
}

export interface ConversationSummarised {
  type: "conversation_summarised";
  summary: string;
}

export interface ActionRefused {
  type: "action_refused";
  turn_id: string;
  action: string;
  reason?: string;
}

export interface ConversationCompleted {
  type: "conversation_completed";
}

export interface ConversationAbandoned {
  type: "conversation_abandoned";
}

export interface ConversationClaimed {
  type: "conversation_claimed";
  guest_id: string;
  user_id: string;
  user_name?: string;
}

export interface ConversationDeleted {
  type: "conversation_deleted";
  owner_id: string;
}

export type ConversationEvent =
  | ConversationStarted
  | MessageAdded
  | TurnStarted
  | TurnResumed
  | TurnCompleted
  | TurnStopped
  | TurnFailed
  | TurnInterrupted
  | TurnRated
  | MessageAnnotated
  | RequirementsExtracted
  | ContextSet
  | ConversationSummarised
  | ActionRefused
  | ConversationCompleted
  | ConversationAbandoned
  | ConversationClaimed
  | ConversationDeleted;

// --- view: what a joiner is given -----------------------------------------------------------------------------------

export interface ConversationFace {
  id: string;
  project_id: string | null;
  owner: Actor;
  status: Status;
  context: OpenObject;
  requirements: OpenObject;
  summary: string;
  message_count: number;
  created_at: number;
  updated_at: number;
  ended_at: number | null;
}

export interface Message {
  id: string;
  offset: number;
  at: number;
  by: Actor;
  role: MessageRole;
  text: string;
  metadata: OpenObject;
  turn_id: string | null;
  attempt: number;
  intent: string;
  entities: OpenObject[];
  confidence: number | null;
  model: string;
  tokens: number | null;
  actions: OpenObject[];
  metric_id: string | null;
  rating: number | null;
  accepted: boolean | null;
}

export interface Turn {
  id: string;
  teller: Actor;
  attempt: number;
  status: "running" | "interrupted";
  started_at: number;
  reply_to: string | null;
  on_behalf_of: string | null;
  last_event_at: number;
}

export interface ConversationView {
  conversation: ConversationFace;
  messages: Message[];
  turns: Turn[];
}

export interface TurnText {
  turn_id: string;
  attempt: number;
  position: number;
  text: string;
  is_running: boolean;
}
