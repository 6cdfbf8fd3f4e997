/**
 * Ids as the server makes them (domain/ids.py), so that a browser knows a message's id before the server has answered.
 */

const encoder = new TextEncoder();

/** A uuid7: 48 bits of Unix milliseconds, the rest random. `nowMs` is the server's clock (see clock.ts), not this device's. */
export function newCommandId(nowMs: number, random: (bytes: Uint8Array<ArrayBuffer>) => void = fillRandom): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  writeTime(bytes, nowMs);
  return stamped(bytes, 7);
}

/**
 * The id of the `ordinal`-th event of a command, and of what that event makes. "" where the page has no WebCrypto (plain HTTP from
 * another machine): then the echo is known by its tag or by the reply.
 */
export async function derivedId(room: string, actor: string, commandId: string, ordinal: number): Promise<string> {
  if (!globalThis.crypto?.subtle) return "";
  const source = encoder.encode([room, actor, commandId, String(ordinal)].join("\x1f"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", source));
  const bytes = new Uint8Array(16);
  bytes.set(digest.subarray(0, 10), 6);
  writeTime(bytes, timeOf(commandId));
  return stamped(bytes, 8);
}

/** Unix milliseconds in the first 48 bits of a command id. */
export function timeOf(commandId: string): number {
  return Number.parseInt(commandId.slice(0, 8) + commandId.slice(9, 13), 16) || 0;
}

function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}

function writeTime(bytes: Uint8Array, timeMs: number): void {
  const high = Math.floor(timeMs / 0x10000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, high);
  view.setUint16(4, timeMs % 0x10000);
}

function stamped(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
