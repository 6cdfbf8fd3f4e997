/**
 * What a room needs of a connection: to be told, to ask, to be left. A page enters most rooms itself; into a person's own room
 * the server puts them at connecting.
 */
import type { Centrifuge, ClientInfo, HistoryOptions, HistoryResult, Subscription } from "centrifuge";
import type { Position } from "./envelope";

/** What is told of a room that one is in. */
export interface Listener {
  onSubscribed(entered: Entered): void;
  onSubscribing(): void;
  onUnsubscribed(code: number, reason: string): void;
  onPublication(publication: { data: unknown; tags?: Record<string, string> }): void;
  onJoin(info: ClientInfo): void;
  onLeave(info: ClientInfo): void;
}

export interface Entered {
  streamPosition?: Position;
  wasRecovering: boolean;
  recovered: boolean;
  data?: unknown;
}

export interface Line {
  publish(data: unknown): Promise<unknown>;
  history(options: HistoryOptions): Promise<HistoryResult>;
  presence(): Promise<{ clients: Record<string, ClientInfo> }>;
  close(): void;
}

/** Where subscriptions come from and go. */
export interface Subscriptions {
  subscription(channel: string): Subscription;
  forget(subscription: Subscription): void;
}

export function enteredLine(from: Subscriptions, channel: string, listener: Listener): Line {
  const subscription = from.subscription(channel);
  subscription.on("subscribed", (context) => listener.onSubscribed(context));
  subscription.on("subscribing", () => listener.onSubscribing());
  subscription.on("unsubscribed", ({ code, reason }) => listener.onUnsubscribed(code, reason));
  subscription.on("publication", (context) => listener.onPublication(context));
  subscription.on("join", ({ info }) => listener.onJoin(info));
  subscription.on("leave", ({ info }) => listener.onLeave(info));
  subscription.subscribe();
  return {
    publish: (data) => subscription.publish(data),
    history: (options) => subscription.history(options),
    presence: () => subscription.presence(),
    close: () => from.forget(subscription),
  };
}

/** A room that the server subscribes this connection to. */
export function givenLine(sdk: Centrifuge, channel: string, listener: Listener): Line {
  const stops: (() => void)[] = [];
  const isOurs = (context: { channel: string }): boolean => context.channel === channel;
  const hear = (name: "subscribed" | "subscribing" | "unsubscribed" | "publication", tell: (context: never) => void): void => {
    const heard = (context: { channel: string }): void => {
      if (isOurs(context)) tell(context as never);
    };
    sdk.on(name, heard as never);
    stops.push(() => sdk.off(name, heard as never));
  };
  hear("subscribed", (context: Entered) => listener.onSubscribed(context));
  hear("subscribing", () => listener.onSubscribing());
  // The server puts a person back by itself, so this is never the end.
  hear("unsubscribed", () => listener.onSubscribing());
  hear("publication", (context: { data: unknown; tags?: Record<string, string> }) => listener.onPublication(context));
  return {
    publish: (data) => sdk.publish(channel, data),
    history: (options) => sdk.history(channel, options),
    presence: () => sdk.presence(channel),
    close: () => stops.forEach((stop) => stop()),
  };
}
