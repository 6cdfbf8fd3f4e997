import { expect, test } from "vitest";
import { Store } from "../state/store";
import type { Connection } from "./connection";
import { type Patience, Unanswered } from "./delivery";
import type { Draft } from "./outbox";
import { WORKSPACE } from "../kinds/workspace/manner";
import { Room } from "./room";

/** A connection on which nothing is ever answered; `patience` is that of the last command. */
function silentConnection(): { connection: Connection; patience: () => Patience } {
  let last: Patience | undefined;
  const subscription = { on: () => undefined, subscribe: () => undefined };
  const connection = {
    link: new Store({ is: "live" }),
    actor: new Store(undefined),
    clock: { nowMs: () => 1 },
    newCommandId: () => "c1",
    subscription: () => subscription,
    forget: () => undefined,
    give: (_name: string, _payload: object, patience: Patience) => {
      last = patience;
      return new Promise(() => undefined);
    },
  };
  return { connection: connection as unknown as Connection, patience: () => last as Patience };
}

test("a room that was left does not put back what its writer discarded", () => {
  const kept: (readonly Draft[])[] = [];
  const { connection, patience } = silentConnection();
  const room = new Room("workspace:1", WORKSPACE, connection, { load: () => [], keep: (_room, drafts) => void kept.push(drafts) });
  void room.say("post", { text: "hello" }, "hello");
  return Promise.resolve().then(() => {
    patience().onWaiting?.(new Unanswered("cut"));
    const before = kept.length;
    room.close();
    patience().onWaiting?.(new Unanswered("cut"));

    expect([before, kept.length]).toEqual([2, 2]);
  });
});
