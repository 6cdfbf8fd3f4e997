/**
 * A workspace as this page knows it, and how it changes: a pure fold over what the server sends.
 *
 * `joined` takes the view of a subscribe reply, `withEvent`, `withTick` and `withPiece` what follows, `withOlder` a page of history.
 * No rules here: what may happen is the server's business, this only tells what has happened.
 */
import type { Joined, Piece, Position } from "./envelope";
import { foldExecutions } from "./fold_executions";
import { foldFace } from "./fold_face";
import { type Feedback, foldFeedback, UNKNOWN_FEEDBACK } from "./fold_feedback";
import { foldSessions } from "./fold_sessions";
import type { Execution, ExecutionProgress, Message, Session, WorkspaceFace } from "./types";

/** The newest part of a deploy log: `text` begins at `start` of the whole, counted in characters (code points). */
export interface LiveText {
  attempt: number;
  start: number;
  end: number;
  text: string;
}

export interface RoomState {
  position: Position;
  workspace: WorkspaceFace;
  /** Oldest first, without a hole; what came before its first entry has to be asked for. */
  timeline: readonly Message[];
  sessions: readonly Session[];
  /** Oldest first: the latest, all active ones, and those that were seen since. */
  executions: readonly Execution[];
  /** Per execution, what Claude last said about its progress. */
  notes: Readonly<Record<string, string>>;
  feedback: Feedback;
  deployLogs: Readonly<Record<string, LiveText>>;
}

/** More of a log than anybody scrolls through; the whole is to be had by HTTP. */
const LOG_CHARACTERS = 65_536;

/** The state after a subscribe reply. `before` is what the page knew, undefined on the first visit. */
export function joined(before: RoomState | undefined, reply: Joined, position: Position): RoomState | undefined {
  const base = reply.view ? fresh(before, reply, position) : before;
  if (!base) return undefined;
  const ticked = (reply.ticks ?? []).reduce((state, { tick }) => withTick(state, tick), base);
  return (reply.streams ?? []).reduce(withPiece, ticked);
}

function fresh(before: RoomState | undefined, reply: Joined, position: Position): RoomState | undefined {
  const view = reply.view;
  if (!view) return undefined;
  return {
    position,
    workspace: view.workspace,
    timeline: [...olderThan(before, position, view.messages), ...view.messages],
    sessions: view.sessions,
    executions: view.executions,
    notes: {},
    // Items came or went while the page was away, and a view has none of them: unknown until asked for.
    feedback: UNKNOWN_FEEDBACK,
    deployLogs: {},
  };
}

/** What was loaded before the newest 50, where it joins on to them without a hole. */
function olderThan(before: RoomState | undefined, position: Position, newest: readonly Message[]): readonly Message[] {
  const first = newest[0];
  const last = before?.timeline.at(-1);
  if (!before || !first || !last || before.position.epoch !== position.epoch || last.offset + 1 < first.offset) return [];
  return before.timeline.filter((message) => message.offset < first.offset);
}

export type EventOutcome = { is: "folded"; state: RoomState } | { is: "seen" } | { is: "hole" };

/** The state after one event. An offset that was seen is nothing; one that leaves a hole must not be folded. */
export function withEvent(state: RoomState, message: Message): EventOutcome {
  const { offset } = state.position;
  if (message.offset <= offset) return { is: "seen" };
  if (message.offset > offset + 1) return { is: "hole" };
  return { is: "folded", state: folded(state, message) };
}

function folded(state: RoomState, message: Message): RoomState {
  return {
    ...state,
    position: { ...state.position, offset: message.offset },
    workspace: foldFace(state.workspace, message),
    timeline: [...state.timeline, message],
    sessions: foldSessions(state.sessions, message),
    executions: foldExecutions(state.executions, message),
    feedback: foldFeedback(state.feedback, message),
  };
}

/** Progress in between events. It never falls, and an execution that is not running has no progress to report. */
export function withTick(state: RoomState, tick: ExecutionProgress): RoomState {
  if (tick.type !== "execution_progress") return state;
  const execution = state.executions.find((one) => one.id === tick.execution_id);
  if (execution?.status !== "running") return state;
  const moved: Execution = { ...execution, progress: Math.max(execution.progress, tick.progress), phase: tick.phase ?? execution.phase };
  return {
    ...state,
    executions: state.executions.map((one) => (one.id === moved.id ? moved : one)),
    notes: { ...state.notes, [moved.id]: tick.note ?? "" },
  };
}

/** A piece of a deploy log. Text that was seen is skipped; another attempt begins anew. */
export function withPiece(state: RoomState, piece: Piece): RoomState {
  if (!piece.key.startsWith("deploy_log:")) return state;
  const id = piece.key.slice("deploy_log:".length);
  const next = continued(state.deployLogs[id], piece);
  return next ? { ...state, deployLogs: { ...state.deployLogs, [id]: next } } : state;
}

function continued(log: LiveText | undefined, piece: Piece): LiveText | undefined {
  const characters = [...piece.text];
  const end = piece.position + characters.length;
  if (log && piece.attempt < log.attempt) return undefined;
  if (!log || piece.attempt > log.attempt || piece.position > log.end) {
    return bounded({ attempt: piece.attempt, start: piece.position, end, text: piece.text });
  }
  if (end <= log.end) return undefined;
  return bounded({ ...log, end, text: log.text + characters.slice(log.end - piece.position).join("") });
}

function bounded(log: LiveText): LiveText {
  const over = log.end - log.start - LOG_CHARACTERS;
  return over > 0 ? { ...log, start: log.start + over, text: [...log.text].slice(over).join("") } : log;
}

/** The state with a page of history before its timeline; `page` may come in either order and may overlap. */
export function withOlder(state: RoomState, page: readonly Message[]): RoomState {
  const first = state.timeline[0]?.offset ?? state.position.offset + 1;
  const older = page.filter((message) => message.offset < first).sort((a, b) => a.offset - b.offset);
  const joins = older.at(-1)?.offset === first - 1;
  return joins ? { ...state, timeline: [...older, ...state.timeline] } : state;
}

export function hasOlder(state: RoomState): boolean {
  return (state.timeline[0]?.offset ?? 1) > 1;
}

export function executionOf(state: RoomState, id: string): Execution | undefined {
  return state.executions.find((one) => one.id === id);
}

/** The one that a person wants to see: what runs, else what waits longest, else the latest. */
export function currentExecution(state: RoomState): Execution | undefined {
  const by = (status: Execution["status"]): Execution | undefined => state.executions.find((one) => one.status === status);
  return by("running") ?? by("pending") ?? state.executions.at(-1);
}
