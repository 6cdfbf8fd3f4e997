/**
 * How executions change. A pending one opens with request_implementation, send_feedback or retry_execution and has the id of the
 * event that opened it (of the execution it names, where a status change opened it).
 */
import type {
  ClaudePhaseUpdate,
  DeployStatus,
  Execution,
  Message,
  Phase,
  PhaseSpan,
  WorkspaceEvent,
} from "./types";

/** Ended executions that the page keeps beside the active ones; older ones are in the timeline. */
const KEPT_ENDED = 20;
/** domain/kinds/workspace/state.py CHECKPOINTS_MAX. */
const KEPT_CHECKPOINTS = 50;

export function foldExecutions(executions: readonly Execution[], message: Message): readonly Execution[] {
  if (message.event.type === "workspace_reopened") return executions.map((execution) => thawed(execution, message.at));
  const opened = openedBy(message);
  const changed = executions.map((execution) => foldOne(execution, message));
  return opened ? trimmed([...changed, opened]) : changed;
}

export function isActive(execution: Execution): boolean {
  return execution.status === "pending" || execution.status === "running";
}

function trimmed(executions: readonly Execution[]): readonly Execution[] {
  const ended = executions.filter((one) => !isActive(one));
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_ENDED)));
  return executions.filter((one) => !dropped.has(one));
}

function openedBy({ id, at, by, event }: Message): Execution | undefined {
  switch (event.type) {
    case "status_changed":
      return event.execution_id ? pending(event.execution_id, by.id, at) : undefined;
    case "feedback_batch_sent":
      return { ...pending(id, by.id, at), feedback_ids: event.feedback_ids };
    case "claude_retry":
      return {
        ...pending(id, by.id, at),
        feedback_ids: event.feedback_ids ?? [],
        retry_count: event.retry_count,
        max_retries: event.max_retries,
        retry_reason: event.reason ?? "",
        parent_execution_id: event.execution_id,
      };
    default:
      return undefined;
  }
}

function foldOne(execution: Execution, message: Message): Execution {
  const { event } = message;
  if (!("execution_id" in event) || event.execution_id !== execution.id || event.type === "status_changed") return execution;
  return { ...execution, last_event_at: message.at, ...changesOf(execution, event, message) };
}

function changesOf(execution: Execution, event: WorkspaceEvent, { id, at }: Message): Partial<Execution> {
  switch (event.type) {
    case "claude_started":
      return { status: "running", started_at: at, prompt_file: event.prompt_file ?? "" };
    case "claude_phase_update":
      return phaseChanges(execution, event, at);
    case "claude_checkpoint": {
      const { title, note = "", progress } = event;
      const checkpoint = { id, at, title, note, progress, phase: execution.phase };
      return { progress: Math.max(execution.progress, progress), checkpoints: [...execution.checkpoints, checkpoint].slice(-KEPT_CHECKPOINTS) };
    }
    case "claude_completed":
      return {
        status: "completed",
        progress: 100,
        completed_at: at,
        files: event.files ?? [],
        commit_hash: event.commit_hash ?? "",
        commit_message: event.commit_message ?? "",
        phases: closed(execution.phases, execution.phase, at),
      };
    case "claude_failed":
      return {
        status: "failed",
        progress: Math.max(execution.progress, event.progress ?? 0),
        error: event.error,
        errored_at: at,
        phases: closed(execution.phases, execution.phase, at),
      };
    case "claude_retry":
      return { status: "retry" };
    default:
      return { deploy_last_event_at: at, ...deployChanges(event, at) };
  }
}

function deployChanges(event: WorkspaceEvent, at: number): Partial<Execution> {
  switch (event.type) {
    case "deploy_started":
    case "deploy_retry":
      return {
        deploy_status: "queued",
        deploy_attempt: event.attempt,
        deploy_started_at: at,
        deploy_completed_at: null,
        deploy_url: "",
      };
    case "deploy_building":
      return { deploy_status: "building" };
    case "deploy_success":
      return { ...deployEnd("ready", at), deploy_url: event.url };
    case "deploy_failed":
      return deployEnd("error", at);
    case "deploy_canceled":
      return deployEnd("canceled", at);
    default:
      return {};
  }
}

function deployEnd(deploy_status: DeployStatus, at: number): Partial<Execution> {
  return { deploy_status, deploy_completed_at: at };
}

function phaseChanges(execution: Execution, event: ClaudePhaseUpdate, at: number): Partial<Execution> {
  const isNote = execution.phase === event.phase;
  const progress = Math.max(execution.progress, event.progress);
  if (isNote) return { progress };
  const left = closed(execution.phases, execution.phase, at);
  const entered: PhaseSpan = {
    started_at: left[event.phase]?.started_at ?? at,
    completed_at: null,
    rounds: event.round,
  };
  return { progress, phase: event.phase, phases: { ...left, [event.phase]: entered } };
}

function closed(phases: Execution["phases"], phase: Phase | null, at: number): Execution["phases"] {
  const span = phase ? phases[phase] : undefined;
  return phase && span ? { ...phases, [phase]: { ...span, completed_at: at } } : phases;
}

/** After the workspace was archived nobody could be heard: every silence begins anew. */
function thawed(execution: Execution, at: number): Execution {
  return { ...execution, last_event_at: at, deploy_last_event_at: at };
}

function pending(id: string, triggeredBy: string, at: number): Execution {
  return {
    id,
    status: "pending",
    phase: null,
    progress: 0,
    triggered_by: triggeredBy,
    triggered_at: at,
    started_at: null,
    completed_at: null,
    feedback_ids: [],
    prompt_file: "",
    files: [],
    commit_hash: "",
    commit_message: "",
    phases: {},
    checkpoints: [],
    error: "",
    errored_at: null,
    retry_count: 0,
    max_retries: 10,
    retry_reason: "",
    parent_execution_id: null,
    deploy_status: null,
    deploy_attempt: 0,
    deploy_url: "",
    deploy_started_at: null,
    deploy_completed_at: null,
    last_event_at: at,
    deploy_last_event_at: 0,
  };
}
