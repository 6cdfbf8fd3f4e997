/** How the workspace's own row changes with each event (domain/kinds/workspace/evolution.py). */
import type { Message, StatusChanged, WorkspaceFace } from "./types";

export function foldFace(face: WorkspaceFace, message: Message): WorkspaceFace {
  const changes = changesOf(message);
  return changes ? { ...face, updated_at: message.at, ...changes } : unsentOf(face, message);
}

/** undefined: this is said in the room and leaves its row alone. */
function changesOf({ event, at, by }: Message): Partial<WorkspaceFace> | undefined {
  switch (event.type) {
    case "details_changed":
      return { name: event.name, category: event.category };
    case "pattern_description_submitted": {
      const { description, reasoning = "", steps = [], attachments = [] } = event;
      return { description, reasoning, steps, attachments };
    }
    case "status_changed":
      return { status: event.new, ...stampsOf(event, at, by.id) };
    case "session_created":
      return { session_count: event.session_count };
    case "session_completed": {
      const { session_count, overall_success_rate: success_rate = null } = event;
      return { session_count, success_rate, last_tested_at: at };
    }
    case "feedback_added":
    case "feedback_removed":
      return { feedback_count: event.feedback_count, unsent_feedback_count: event.unsent_count };
    case "version_updated":
      return { version: event.new };
    case "workspace_archived":
      return { is_archived: true };
    case "workspace_reopened":
      return { is_archived: false };
    default:
      return undefined;
  }
}

function unsentOf(face: WorkspaceFace, { event }: Message): WorkspaceFace {
  return event.type === "feedback_batch_sent" ? { ...face, unsent_feedback_count: event.unsent_count } : face;
}

function stampsOf(event: StatusChanged, at: number, by: string): Partial<WorkspaceFace> {
  switch (event.new) {
    case "beta":
      if (event.old === "implementing") return { implemented_at: at };
      return { approved_at: null, approved_by: null, verified_at: null, verified_by: null };
    case "in_review":
      return { approved_at: at, approved_by: by };
    case "verified":
      return { verified_at: at, verified_by: by };
    default:
      return {};
  }
}
