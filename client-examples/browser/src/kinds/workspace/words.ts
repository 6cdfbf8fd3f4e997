/** The words of a workspace: one place, so that the same thing is always called the same. */
import { counted, percent } from "../../format/words";
import type { DeployStatus, ExecutionStatus, Message, Phase, Status } from "./types";

export const STATUSES: readonly Status[] = ["soon", "implementing", "beta", "in_review", "verified"];
export const PHASES: readonly Phase[] = ["planning", "implementing", "testing", "refining", "deploying"];

export const STATUS_WORDS: Record<Status, string> = {
  soon: "Soon",
  implementing: "Implementing",
  beta: "Beta",
  in_review: "In review",
  verified: "Verified",
};

export const PHASE_WORDS: Record<Phase, string> = {
  planning: "Planning",
  implementing: "Implementing",
  testing: "Testing",
  refining: "Refining",
  deploying: "Deploying",
};

export const EXECUTION_WORDS: Record<ExecutionStatus, string> = {
  pending: "Waiting to start",
  running: "At work",
  completed: "Completed",
  failed: "Failed",
  retry: "Failed, tried again",
};

export const DEPLOY_WORDS: Record<DeployStatus, string> = {
  queued: "Queued",
  building: "Building",
  ready: "Ready",
  error: "Failed",
  canceled: "Cancelled",
};

export interface Told {
  /** A short clause that follows the author's name: "approved this". */
  what: string;
  /** What the author added, as Markdown. */
  note: string;
}

/** An event as a clause after its author's name. */
export function tell({ event }: Message): Told {
  switch (event.type) {
    case "pattern_created":
      return told(`created this workspace for “${event.name}”`);
    case "details_changed":
      return told(`renamed this to “${event.name}”, category ${event.category}`);
    case "pattern_description_submitted":
      return told("described the pattern", event.description);
    case "status_changed":
      return told(`moved this from ${STATUS_WORDS[event.old]} to ${STATUS_WORDS[event.new]}`, event.reason);
    case "message_posted":
      return told("wrote", event.text);
    case "session_created":
      return told(`started the session “${event.name}”`);
    case "session_completed":
      return told(completed(event.success_rate));
    case "feedback_added":
      return told(`noted a ${event.kind}`, event.content);
    case "feedback_changed":
      return told("changed a piece of feedback", event.content);
    case "feedback_removed":
      return told("took back a piece of feedback");
    case "feedback_batch_sent":
      return told(`sent ${counted(event.feedback_ids.length, "piece")} of feedback to Claude`);
    case "user_approved":
      return told("approved this", event.note);
    case "admin_verified":
      return told("verified this", event.note);
    case "version_updated":
      return told(`raised the version from ${event.old} to ${event.new}`, event.note);
    case "workspace_archived":
      return told("archived this workspace");
    case "workspace_reopened":
      return told("reopened this workspace");
    case "workspace_deleted":
      return told("deleted this workspace");
    default:
      return tellRun({ event } as Message);
  }
}

function tellRun({ event }: Message): Told {
  switch (event.type) {
    case "claude_started":
      return told("started to work");
    case "claude_phase_update":
      return told(event.round > 1 ? `${PHASE_WORDS[event.phase]}, round ${event.round}` : PHASE_WORDS[event.phase], event.note);
    case "claude_checkpoint":
      return told(event.title, event.note);
    case "claude_completed":
      return told("completed the work", event.commit_message);
    case "claude_failed":
      return told("stopped without finishing", event.error);
    case "claude_retry":
      return told(`tries again (${event.retry_count} of ${event.max_retries})`, event.reason);
    case "deploy_started":
      return told("queued a deploy");
    case "deploy_building":
      return told("began to build the deploy");
    case "deploy_success":
      return told("deployed this");
    case "deploy_failed":
      return told("could not deploy this", event.error);
    case "deploy_canceled":
      return told("cancelled the deploy", event.reason);
    case "deploy_retry":
      return told(`queued deploy ${event.attempt}`, event.reason);
    default:
      return told("did something that this page does not know yet; load it again");
  }
}

function completed(rate: number | null | undefined): string {
  return typeof rate === "number" ? `completed a session: ${percent(rate)} right` : "completed a session";
}

function told(what: string, note = ""): Told {
  return { what, note };
}
