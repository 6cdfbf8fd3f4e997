/**
 * The workspace as the server tells it: domain/kinds/workspace/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default. tests/unit/test_browser_types.py compares every
 * interface here with its struct there, so the two cannot drift apart.
 */
import type { OpenObject, Recorded } from "../../wire/types";

export type Status = "soon" | "implementing" | "beta" | "in_review" | "verified";
export type Phase = "planning" | "implementing" | "testing" | "refining" | "deploying";
export type ExecutionStatus = "pending" | "running" | "completed" | "failed" | "retry";
export type DeployStatus = "queued" | "building" | "ready" | "error" | "canceled";
export type SessionStatus = "active" | "completed";

// --- events: what has happened -------------------------------------------------------------------------------------------

export interface PatternCreated {
  type: "pattern_created";
  pattern_type: string;
  name: string;
  category: string;
}

export interface DetailsChanged {
  type: "details_changed";
  name: string;
  category: string;
}

export interface DescriptionSubmitted {
  type: "pattern_description_submitted";
  description: string;
  reasoning?: string;
  steps?: string[];
  attachments?: string[];
}

export interface StatusChanged {
  type: "status_changed";
  old: Status;
  new: Status;
  reason?: string;
  execution_id?: string;
}

export interface MessagePosted {
  type: "message_posted";
  text: string;
  attachments?: string[];
}

export interface SessionCreated {
  type: "session_created";
  name: string;
  data?: OpenObject;
  session_count: number;
}

export interface SessionCompleted {
  type: "session_completed";
  session_id: string;
  success_rate?: number | null;
  result?: OpenObject;
  session_count: number;
  overall_success_rate?: number | null;
}

export interface FeedbackAdded {
  type: "feedback_added";
  content: string;
  kind: string;
  session_id?: string | null;
  data?: OpenObject;
  attachments?: string[];
  feedback_count: number;
  unsent_count: number;
}

export interface FeedbackChanged {
  type: "feedback_changed";
  feedback_id: string;
  content: string;
  kind: string;
  data?: OpenObject;
  attachments?: string[];
}

export interface FeedbackRemoved {
  type: "feedback_removed";
  feedback_id: string;
  feedback_count: number;
  unsent_count: number;
}

export interface FeedbackBatchSent {
  type: "feedback_batch_sent";
  feedback_ids: string[];
  session_id?: string | null;
  unsent_count: number;
}

export interface ClaudeStarted {
  type: "claude_started";
  execution_id: string;
  prompt_file?: string;
}

export interface ClaudePhaseUpdate {
  type: "claude_phase_update";
  execution_id: string;
  phase: Phase;
  note?: string;
  progress: number;
  round: number;
}

export interface ClaudeCheckpoint {
  type: "claude_checkpoint";
  execution_id: string;
  title: string;
  note?: string;
  progress: number;
  data?: OpenObject;
}

export interface ClaudeCompleted {
  type: "claude_completed";
  execution_id: string;
  files?: string[];
  commit_hash?: string;
  commit_message?: string;
}

export interface ClaudeFailed {
  type: "claude_failed";
  execution_id: string;
  error: string;
  progress?: number;
}

export interface ClaudeRetry {
  type: "claude_retry";
  execution_id: string;
  reason?: string;
  retry_count: number;
  max_retries: number;
  feedback_ids?: string[];
}

export interface DeployStarted {
  type: "deploy_started";
  execution_id: string;
  attempt: number;
}

export interface DeployBuilding {
  type: "deploy_building";
  execution_id: string;
  attempt: number;
}

export interface DeploySucceeded {
  type: "deploy_success";
  execution_id: string;
  attempt: number;
  url: string;
}

export interface DeployFailed {
  type: "deploy_failed";
  execution_id: string;
  attempt: number;
  error: string;
}

export interface DeployCanceled {
  type: "deploy_canceled";
  execution_id: string;
  attempt: number;
  reason?: string;
}

export interface DeployRetried {
  type: "deploy_retry";
  execution_id: string;
  attempt: number;
  reason?: string;
}

export interface UserApproved {
  type: "user_approved";
  note?: string;
}

export interface AdminVerified {
  type: "admin_verified";
  note?: string;
}

export interface VersionUpdated {
  type: "version_updated";
  old: string;
  new: string;
  note?: string;
}

export interface WorkspaceArchived {
  type: "workspace_archived";
}

export interface WorkspaceReopened {
  type: "workspace_reopened";
}

export interface WorkspaceDeleted {
  type: "workspace_deleted";
}

export type WorkspaceEvent =
  | PatternCreated
  | DetailsChanged
  | DescriptionSubmitted
  | StatusChanged
  | MessagePosted
  | SessionCreated
  | SessionCompleted
  | FeedbackAdded
  | FeedbackChanged
  | FeedbackRemoved
  | FeedbackBatchSent
  | ClaudeStarted
  | ClaudePhaseUpdate
  | ClaudeCheckpoint
  | ClaudeCompleted
  | ClaudeFailed
  | ClaudeRetry
  | DeployStarted
  | DeployBuilding
  | DeploySucceeded
  | DeployFailed
  | DeployCanceled
  | DeployRetried
  | UserApproved
  | AdminVerified
  | VersionUpdated
  | WorkspaceArchived
  | WorkspaceReopened
  | WorkspaceDeleted;

// --- ticks: what passes ---------------------------------------------------------------------------------------------------

export interface ExecutionProgress {
  type: "execution_progress";
  key: string;
  execution_id: string;
  progress: number;
  phase?: Phase | null;
  note?: string;
}

// --- view: what a joiner is given -----------------------------------------------------------------------------------------

export interface WorkspaceFace {
  id: string;
  pattern_type: string;
  name: string;
  category: string;
  status: Status;
  version: string;
  description: string;
  reasoning: string;
  steps: string[];
  attachments: string[];
  created_at: number;
  updated_at: number;
  implemented_at: number | null;
  approved_at: number | null;
  verified_at: number | null;
  created_by: string;
  approved_by: string | null;
  verified_by: string | null;
  session_count: number;
  feedback_count: number;
  unsent_feedback_count: number;
  success_rate: number | null;
  last_tested_at: number | null;
  is_archived: boolean;
}

export type Message = Recorded<WorkspaceEvent>;

export interface Session {
  id: string;
  name: string;
  status: SessionStatus;
  created_by: string;
  created_at: number;
  completed_at: number | null;
  success_rate: number | null;
  data: OpenObject;
  result: OpenObject;
}

export interface PhaseSpan {
  started_at: number;
  completed_at: number | null;
  rounds: number;
}

export interface Checkpoint {
  id: string;
  at: number;
  title: string;
  note: string;
  progress: number;
  phase: Phase | null;
}

export interface Execution {
  id: string;
  status: ExecutionStatus;
  phase: Phase | null;
  progress: number;
  triggered_by: string;
  triggered_at: number;
  started_at: number | null;
  completed_at: number | null;
  feedback_ids: string[];
  prompt_file: string;
  files: string[];
  commit_hash: string;
  commit_message: string;
  phases: Partial<Record<Phase, PhaseSpan>>;
  checkpoints: Checkpoint[];
  error: string;
  errored_at: number | null;
  retry_count: number;
  max_retries: number;
  retry_reason: string;
  parent_execution_id: string | null;
  deploy_status: DeployStatus | null;
  deploy_attempt: number;
  deploy_url: string;
  deploy_started_at: number | null;
  deploy_completed_at: number | null;
  last_event_at: number;
  deploy_last_event_at: number;
}

export interface WorkspaceView {
  workspace: WorkspaceFace;
  messages: Message[];
  sessions: Session[];
  executions: Execution[];
}

/** A line of the list of workspaces; `execution_id` is the one that runs. */
export interface WorkspaceEntry {
  id: string;
  pattern_type: string;
  name: string;
  category: string;
  status: Status;
  version: string;
  session_count: number;
  feedback_count: number;
  success_rate: number | null;
  last_tested_at: number | null;
  is_archived: boolean;
  created_at: number;
  updated_at: number;
  created_by: string;
  approved_by: string | null;
  verified_by: string | null;
  execution_id: string | null;
  phase: Phase | null;
  progress: number | null;
}
