/**
 * The one connection of this page: who we are to the server, whether it can be reached, and commands by rpc.
 *
 * The SDK reconnects and resubscribes by itself; this module says in plain words what it is doing.
 */
import { Centrifuge, State, type Subscription } from "centrifuge";
import { type Readable, Store } from "../state/store";
import { type ServerClock, clockedWebSocket } from "./clock";
import { deliver, errorOf, type Patience } from "./delivery";
import type { Receipt } from "./envelope";
import { newCommandId } from "./ids";
import { givenLine, type Line, type Listener } from "./line";
import type { Actor } from "./types";

export type Link =
  | { is: "connecting" }
  | { is: "live" }
  | { is: "offline"; sinceMs: number }
  | { is: "ended"; code: number; reason: string };

export type Role = "admin" | "member" | "viewer" | "bot" | "system" | "owner" | "friend" | "guest" | "seller";

/** Codes with which the server ends a connection because of its token (WIRE: 3500 invalid, 3005 expired). */
const UNAUTHORIZED = new Set([1, 3005, 3500]);

export class Connection {
  readonly link: Readable<Link>;
  readonly actor: Readable<Actor | undefined>;
  private readonly sdk: Centrifuge;
  private readonly linkStore = new Store<Link>({ is: "connecting" });
  private readonly actorStore = new Store<Actor | undefined>(undefined);

  constructor(
    address: string,
    readonly token: string,
    readonly clock: ServerClock,
  ) {
    this.link = this.linkStore;
    this.actor = this.actorStore;
    this.sdk = new Centrifuge(address, {
      token,
      name: "atrium-browser",
      minReconnectDelay: 250,
      maxReconnectDelay: 8_000,
      websocket: clockedWebSocket(this.clock),
    });
    this.listen();
  }

  connect(): void {
    this.sdk.connect();
  }

  /** Ends for good; a page that signs out makes another connection later. */
  close(): void {
    this.sdk.disconnect();
  }

  newCommandId(): string {
    return newCommandId(this.clock.nowMs());
  }

  /** One attempt. Raises `Refused` or `Unanswered`. */
  async call<T>(method: string, data: unknown): Promise<T> {
    try {
      return (await this.sdk.rpc(method, data)).data as T;
    } catch (error) {
      throw errorOf(error);
    }
  }

  /** Give a command until it is answered, always under the same id. Raises `Refused` or `Abandoned`. */
  give(name: string, payload: object, options: Partial<Patience> & { commandId?: string } = {}): Promise<Receipt> {
    const data = { ...payload, command_id: options.commandId ?? this.newCommandId() };
    return deliver(() => this.call<Receipt>(name, data), {
      wait: (ms) => this.pause(ms),
      isAbandoned: () => this.linkStore.get().is === "ended",
      ...options,
    });
  }

  /** Whoever enters a room last has it: a page that comes may be there before the one that goes. */
  subscription(channel: string): Subscription {
    const before = this.sdk.getSubscription(channel);
    if (before) this.forget(before);
    return this.sdk.newSubscription(channel, { recoverable: true, positioned: true, joinLeave: true });
  }

  forget(subscription: Subscription): void {
    subscription.removeAllListeners();
    if (this.sdk.getSubscription(subscription.channel) === subscription) this.sdk.removeSubscription(subscription);
  }

  /** A room that the server puts us into, and where it puts us back. */
  given(channel: string, listener: Listener): Line {
    return givenLine(this.sdk, channel, listener);
  }

  private listen(): void {
    this.sdk.on("connected", ({ data }) => {
      this.actorStore.set((data as { actor?: Actor } | undefined)?.actor);
      this.linkStore.set({ is: "live" });
    });
    this.sdk.on("connecting", () => {
      const before = this.linkStore.get();
      if (before.is === "live") this.linkStore.set({ is: "offline", sinceMs: this.clock.nowMs() });
    });
    this.sdk.on("error", () => {
      const before = this.linkStore.get();
      if (before.is === "connecting") this.linkStore.set({ is: "offline", sinceMs: this.clock.nowMs() });
    });
    this.sdk.on("disconnected", ({ code, reason }) => this.linkStore.set({ is: "ended", code, reason }));
  }

  /** Wait, but no longer than until the next connection: what waits then need not wait on. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.sdk.off("connected", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (this.sdk.state !== State.Connected) this.sdk.on("connected", done);
    });
  }
}

export function isUnauthorized(link: Link): boolean {
  return link.is === "ended" && UNAUTHORIZED.has(link.code);
}

/** The server that this page came from. */
export function socketAddress(page: Location): string {
  return `${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/connection/websocket`;
}
