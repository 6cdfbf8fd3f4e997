/**
 * The server's clock as far as a page can tell. Command ids carry a time, and a phone's clock may be wrong by hours.
 */

export class ServerClock {
  private offsetMs = 0;

  constructor(private readonly deviceNow: () => number = Date.now) {}

  /** The server said `serverMs` in an answer that took `roundTripMs`; half of that is the way back. */
  learn(serverMs: number, roundTripMs: number): void {
    this.offsetMs = serverMs + roundTripMs / 2 - this.deviceNow();
  }

  nowMs(): number {
    return Math.round(this.deviceNow() + this.offsetMs);
  }
}

/**
 * A WebSocket that reads the server's time out of the first message. The SDK keeps the connect reply to itself, all but its `data`.
 */
export function clockedWebSocket(clock: ServerClock): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      let openedAt = 0;
      this.addEventListener("open", () => (openedAt = performance.now()), { once: true });
      const listen = (message: MessageEvent): void => {
        const time = connectTime(message.data);
        if (time === undefined) return;
        this.removeEventListener("message", listen);
        if (time > 0) clock.learn(time, performance.now() - openedAt);
      };
      this.addEventListener("message", listen);
    }
  };
}

/** The `time` of a connect reply; 0 where the reply has none, undefined where the message is something else. */
export function connectTime(message: unknown): number | undefined {
  if (typeof message !== "string" || !message.includes('"connect"')) return undefined;
  for (const line of message.split("\n")) {
    try {
      const reply = JSON.parse(line) as { connect?: { time?: number } };
      if (reply.connect) return reply.connect.time ?? 0;
    } catch {
      return undefined; // not ours to judge: the SDK reports a broken message
    }
  }
  return undefined;
}
