/** How the list of test sessions changes: a session has the id of the event that made it. */
import type { Message, Session } from "./types";

/** As many as the view gives (domain/kinds/workspace/state.py SESSIONS_MAX). */
const KEPT = 5;

export function foldSessions(sessions: readonly Session[], message: Message): readonly Session[] {
  const { event } = message;
  if (event.type === "session_created") return [...sessions, created(message, event.name, event.data ?? {})].slice(-KEPT);
  if (event.type !== "session_completed") return sessions;
  return sessions.map((session) =>
    session.id === event.session_id
      ? {
          ...session,
          status: "completed",
          completed_at: message.at,
          success_rate: event.success_rate ?? null,
          result: event.result ?? {},
        }
      : session,
  );
}

function created(message: Message, name: string, data: Session["data"]): Session {
  return {
    id: message.id,
    name,
    status: "active",
    created_by: message.by.id,
    created_at: message.at,
    completed_at: null,
    success_rate: null,
    data,
    result: {},
  };
}
