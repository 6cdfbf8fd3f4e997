import type { Centrifuge } from "centrifuge";
import { expect, test } from "vitest";
import { givenLine, type Listener } from "./line";

/** The SDK's events, as far as a room that the server gives needs them. */
class Sdk {
  private readonly heard = new Map<string, Set<(context: object) => void>>();

  on(name: string, hear: (context: object) => void): void {
    this.heard.set(name, (this.heard.get(name) ?? new Set()).add(hear));
  }

  off(name: string, hear: (context: object) => void): void {
    this.heard.get(name)?.delete(hear);
  }

  emit(name: string, context: object): void {
    for (const hear of this.heard.get(name) ?? []) hear(context);
  }
}

function listening(): { sdk: Sdk; told: string[]; close: () => void } {
  const told: string[] = [];
  const listener: Listener = {
    onSubscribed: ({ data }) => void told.push(`subscribed ${String(data)}`),
    onSubscribing: () => void told.push("subscribing"),
    onUnsubscribed: () => void told.push("unsubscribed"),
    onPublication: ({ data }) => void told.push(`publication ${String(data)}`),
    onJoin: () => undefined,
    onLeave: () => undefined,
  };
  const sdk = new Sdk();
  const line = givenLine(sdk as unknown as Centrifuge, "person:1", listener);
  return { sdk, told, close: () => line.close() };
}

test("of all rooms that the server gives, one's own is heard", () => {
  const { sdk, told } = listening();

  sdk.emit("subscribed", { channel: "person:1", data: "view" });
  sdk.emit("publication", { channel: "person:2", data: "other" });
  sdk.emit("publication", { channel: "person:1", data: "event" });

  expect(told).toEqual(["subscribed view", "publication event"]);
});

test("a room that the server took away comes back by itself", () => {
  const { sdk, told } = listening();

  sdk.emit("unsubscribed", { channel: "person:1" });
  sdk.emit("subscribed", { channel: "person:1", data: "view" });

  expect(told).toEqual(["subscribing", "subscribed view"]);
});

test("nothing is heard any more once the room was left", () => {
  const { sdk, told, close } = listening();

  close();
  sdk.emit("publication", { channel: "person:1", data: "event" });

  expect(told).toEqual([]);
});
