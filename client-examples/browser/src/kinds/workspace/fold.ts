/** A workspace as this page knows it, and how it changes (see wire/fold.ts). */
import type { Piece, Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import { continued, type LiveText } from "../../wire/live_text";
import { foldExecutions } from "./fold_executions";
import { foldFace } from "./fold_face";
import { type Feedback, foldFeedback, UNKNOWN_FEEDBACK } from "./fold_feedback";
import { foldSessions } from "./fold_sessions";
import type { Execution, ExecutionProgress, Message, Session, WorkspaceEvent, WorkspaceFace, WorkspaceView } from "./types";

export interface WorkspaceState {
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

function opened(view: WorkspaceView, position: Position, before: WorkspaceState | undefined): WorkspaceState {
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
function olderThan(before: WorkspaceState | undefined, position: Position, newest: readonly Message[]): readonly Message[] {
  const first = newest[0];
  const last = before?.timeline.at(-1);
  if (!before || !first || !last || before.position.epoch !== position.epoch || last.offset + 1 < first.offset) return [];
  return before.timeline.filter((message) => message.offset < first.offset);
}

function folded(state: WorkspaceState, message: Message): WorkspaceState {
  return {
    ...state,
    workspace: foldFace(state.workspace, message),
    timeline: [...state.timeline, message],
    sessions: foldSessions(state.sessions, message),
    executions: foldExecutions(state.executions, message),
    feedback: foldFeedback(state.feedback, message),
  };
}

/** Progress in between events. It never falls, and an execution that is not running has no progress to report. */
function withTick(state: WorkspaceState, tick: ExecutionProgress): WorkspaceState {
  if (tick.type !== "execution_progress") return state;
  const execution = state.executions.find((one) => one.id === tick.execution_id);
  if (execution?.status !== "running") return state;
  const moved: Execution = {
    ...execution,
    progress: Math.max(execution.progress, tick.progress),
    phase: tick.phase ?? execution.phase,
  };
  return {
    ...state,
    executions: state.executions.map((one) => (one.id === moved.id ? moved : one)),
    notes: { ...state.notes, [moved.id]: tick.note ?? "" },
  };
}

/** A piece of a deploy log. Text that was seen is skipped; another attempt begins anew. */
function withPiece(state: WorkspaceState, piece: Piece): WorkspaceState {
  if (!piece.key.startsWith("deploy_log:")) return state;
  const id = piece.key.slice("deploy_log:".length);
  const next = continued(state.deployLogs[id], piece, LOG_CHARACTERS);
  return next ? { ...state, deployLogs: { ...state.deployLogs, [id]: next } } : state;
}

/** The state with a page of history before its timeline; `page` may come in either order and may overlap. */
function withOlder(state: WorkspaceState, page: readonly Message[]): WorkspaceState {
  const first = state.timeline[0]?.offset ?? state.position.offset + 1;
  const older = page.filter((message) => message.offset < first).sort((a, b) => a.offset - b.offset);
  const joins = older.at(-1)?.offset === first - 1;
  return joins ? { ...state, timeline: [...older, ...state.timeline] } : state;
}

export const WORKSPACE_FOLD: Fold<WorkspaceState, WorkspaceView, WorkspaceEvent, ExecutionProgress> = {
  kind: "workspace",
  opened,
  event: folded,
  tick: withTick,
  piece: withPiece,
  said: (state) => state.timeline,
  older: { first: (state) => state.timeline[0]?.offset ?? state.position.offset + 1, with: withOlder },
};

export function executionOf(state: WorkspaceState, id: string): Execution | undefined {
  return state.executions.find((one) => one.id === id);
}

/** The one that a person wants to see: what runs, else what waits longest, else the latest. */
export function currentExecution(state: WorkspaceState): Execution | undefined {
  const by = (status: Execution["status"]): Execution | undefined => state.executions.find((one) => one.status === status);
  return by("running") ?? by("pending") ?? state.executions.at(-1);
}
