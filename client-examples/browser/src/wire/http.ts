/** Reading by HTTP, with the same token as the socket. */
import { asSentence } from "./delivery";

/** The server refused; `status` is HTTP's (0: it was not reached), the message a sentence from its problem details. */
export class HttpRefused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(asSentence(message));
  }
}

export async function getJson<T>(path: string, token: string): Promise<T> {
  return answerOf<T>(await reached(path, { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } }));
}

/** `extra` are headers besides those of JSON: who asks, what is shown. */
export async function postJson<T>(path: string, body: unknown, extra: Record<string, string> = {}): Promise<T> {
  const headers = { "Content-Type": "application/json", Accept: "application/json", ...extra };
  return answerOf<T>(await reached(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function bearer(token: string): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export interface Page<T> {
  items: T[];
  after?: string | null;
}

const MOST_PAGES = 20;

/** A list to its end, or its first 2,000 rows. Raises `HttpRefused`. */
export async function getAll<T>(path: string, token: string): Promise<T[]> {
  const rows: T[] = [];
  const sign = path.includes("?") ? "&" : "?";
  let after = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ limit: "100", ...(after ? { after } : {}) });
    const answer = await getJson<Page<T>>(`${path}${sign}${query}`, token);
    rows.push(...answer.items);
    if (!answer.after) break;
    after = answer.after;
  }
  return rows;
}

async function reached(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch {
    throw new HttpRefused("The server cannot be reached. Look at your connection and try again.", 0);
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string };
  throw new HttpRefused(problem.detail ?? problem.title ?? `The server answered ${response.status}.`, response.status);
}
