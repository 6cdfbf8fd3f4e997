/** How the workspace's own row changes with each event. */
import type { Message, StatusChanged, WorkspaceFace } from "./types";

export function foldFace(face: WorkspaceFace, message: Message): WorkspaceFace {
  return { ...face, updated_at: message.at, ...changesOf(face, message) };
}

function changesOf(face: WorkspaceFace, { event, at, by }: Message): Partial<WorkspaceFace> {
  switch (event.type) {
    case "details_changed":
      return { name: event.name, category: event.category };
    case "pattern_description_submitted":
      return {
        description: event.description,
        reasoning: event.reasoning ?? "",
        steps: event.steps ?? [],
        attachments: event.attachments ?? [],
      };
    case "status_changed":
      return { status: event.new, ...stampsOf(face, event, at) };
    case "session_created":
      return { session_count: event.session_count };
    case "session_completed":
      return {
        session_count: event.session_count,
        success_rate: event.overall_success_rate ?? face.success_rate,
        last_tested_at: at,
      };
    case "feedback_added":
    case "feedback_removed":
      return { feedback_count: event.feedback_count, unsent_feedback_count: event.unsent_count };
    case "feedback_batch_sent":
      return { unsent_feedback_count: event.unsent_count };
    case "user_approved":
      return { approved_at: at, approved_by: by.id };
    case "admin_verified":
      return { verified_at: at, verified_by: by.id };
    case "version_updated":
      return { version: event.new };
    case "workspace_archived":
      return { is_archived: true };
    case "workspace_reopened":
      return { is_archived: false };
    default:
      return {};
  }
}

function stampsOf(face: WorkspaceFace, event: StatusChanged, at: number): Partial<WorkspaceFace> {
  if (event.new !== "beta") return {};
  const implemented = { implemented_at: face.implemented_at ?? at };
  const isReturn = event.old === "in_review" || event.old === "verified";
  if (!isReturn) return implemented;
  return { ...implemented, approved_at: null, approved_by: null, verified_at: null, verified_by: null };
}
