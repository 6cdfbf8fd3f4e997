/**
 * The timeline as a person reads it: days, what people said (one block per author and five minutes), runs of Claude (one block per
 * execution, until somebody speaks), and short notes of everything else.
 */
import { dayOf } from "../../format/time";
import type { Actor } from "../../wire/types";
import type { Message } from "./types";

export type Block =
  | { is: "day"; key: string; at: number }
  | { is: "talk"; key: string; by: Actor; at: number; messages: Message[] }
  | { is: "run"; key: string; by: Actor; at: number; executionId: string; isContinued: boolean; messages: Message[] }
  | { is: "notes"; key: string; by: Actor; at: number; messages: Message[] };

/** What one person says within this time stands under one name. */
const TOGETHER_MS = 5 * 60_000;

const TALK = new Set(["message_posted", "pattern_description_submitted"]);

export function blocksOf(timeline: readonly Message[]): Block[] {
  const blocks: Block[] = [];
  const seenRuns = new Set<string>();
  for (const message of timeline) {
    const last = blocks.at(-1);
    if (!last || dayOf(lastAt(last)) !== dayOf(message.at)) {
      blocks.push({ is: "day", key: `day-${message.id}`, at: message.at });
    }
    const open = blocks.at(-1);
    if (open && open.is !== "day" && belongs(open, message)) open.messages.push(message);
    else blocks.push(opened(message, seenRuns));
  }
  return blocks;
}

/** The execution that an event is a step of, if any. A status change only names the one that it opened. */
export function runOf({ event }: Message): string {
  return "execution_id" in event && event.type !== "status_changed" ? (event.execution_id ?? "") : "";
}

function belongs(block: Exclude<Block, { is: "day" }>, message: Message): boolean {
  if (kindOf(message) !== block.is) return false;
  if (block.is === "run") return block.executionId === runOf(message);
  return block.by.id === message.by.id && message.at - lastAt(block) <= TOGETHER_MS;
}

function opened(message: Message, seenRuns: Set<string>): Block {
  const { id: key, by, at } = message;
  const is = kindOf(message);
  if (is !== "run") return { is, key, by, at, messages: [message] };
  const executionId = runOf(message);
  const isContinued = seenRuns.has(executionId);
  seenRuns.add(executionId);
  return { is, key, by, at, executionId, isContinued, messages: [message] };
}

function kindOf(message: Message): "talk" | "run" | "notes" {
  if (TALK.has(message.event.type)) return "talk";
  return runOf(message) ? "run" : "notes";
}

function lastAt(block: Block): number {
  return block.is === "day" ? block.at : (block.messages.at(-1)?.at ?? block.at);
}
