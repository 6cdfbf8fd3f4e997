/**
 * Giving a command until it is answered. What may have happened already is given again under the same command id: the server
 * answers a repeat with the first answer, so nothing happens twice.
 */
import type { Receipt } from "./envelope";

/** The server said no, in a sentence; the same command will be refused again. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(asSentence(message));
  }
}

/** No answer, or "not now": whether it happened is open, so the same command has to be given again. */
export class Unanswered extends Error {}

/** Nobody waits for the answer any more. */
export class Abandoned extends Error {}

const TEMPORARY = new Set([100, 109, 111]);
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8_000;

export interface SdkError {
  code: number;
  message: string;
  temporary?: boolean;
}

/** The SDK's errors below 100 are its own (no connection, no answer in time). */
export function errorOf(error: unknown): Refused | Unanswered {
  const { code = 0, message = "", temporary = false } = (error ?? {}) as Partial<SdkError>;
  return code < 100 || temporary || TEMPORARY.has(code) ? new Unanswered(message) : new Refused(message, code);
}

export interface Patience {
  /** Waits that long, and ends early when there is a connection again. */
  wait: (ms: number) => Promise<void>;
  isAbandoned: () => boolean;
  onWaiting?: (error: Unanswered) => void;
}

/** Give until answered. Raises `Refused`, or `Abandoned` when `patience` ends. */
export async function deliver(give: () => Promise<Receipt>, patience: Patience): Promise<Receipt> {
  for (let attempt = 0; !patience.isAbandoned(); attempt += 1) {
    try {
      return await give();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      patience.onWaiting?.(error);
      await patience.wait(Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2));
    }
  }
  throw new Abandoned("nobody waits for this answer any more");
}

/** As a person reads it: the server writes its sentences without a capital and a full stop. */
export function asSentence(message: string): string {
  const text = message.trim() || "the server refused this";
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
