/** Reading by HTTP, with the same token as the socket. */

/** The server refused; `status` is HTTP's, the message a sentence from its problem details. */
export class HttpRefused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export async function getJson<T>(path: string, token: string): Promise<T> {
  return answerOf<T>(await fetch(path, { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } }));
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return answerOf<T>(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string };
  throw new HttpRefused(problem.detail ?? problem.title ?? `The server answered ${response.status}.`, response.status);
}
