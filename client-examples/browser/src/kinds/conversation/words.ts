/** The words of a conversation. */
import type { ConversationFace, Message, Status } from "./types";

export const STATUS_WORDS: Record<Status, string> = { active: "Active", completed: "Completed", abandoned: "Abandoned" };

const TITLE_MAX = 60;

/** What a conversation is called: as its context says, else what was said first. */
export function titleOf(conversation: ConversationFace, messages: readonly Message[]): string {
  const title = conversation.context["title"];
  if (typeof title === "string" && title.trim()) return title;
  const first = messages.find((message) => message.role === "user")?.text.trim() ?? "";
  return first.length > TITLE_MAX ? `${first.slice(0, TITLE_MAX).trimEnd()} …` : first || "Chat";
}
