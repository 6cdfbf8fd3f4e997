import { beforeEach, expect, test } from "vitest";
import { WORKSPACE } from "../kinds/workspace/manner";
import { Store } from "../state/store";
import type { Connection } from "./connection";
import { type Patience, Refused, Unanswered } from "./delivery";
import type { Position } from "./envelope";
import type { AnyFold } from "./fold";
import type { Line, Listener } from "./line";
import type { Draft, Shelf } from "./outbox";
import { type Manner, Room } from "./room";

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
    call: () => new Promise(() => undefined),
    give: (_name: string, _payload: object, patience: Patience) => {
      last = patience;
      return new Promise(() => undefined);
    },
  };
  return { connection: connection as unknown as Connection, patience: () => last as Patience };
}

const NO_SHELF: Shelf = { load: () => [], keep: () => undefined };

test("a room that was left does not put back what its writer discarded", () => {
  const kept: (readonly Draft[])[] = [];
  const { connection, patience } = silentConnection();
  const room = new Room("workspace:1", WORKSPACE, connection, {
    load: () => [],
    keep: (_room, drafts) => void kept.push(drafts),
  });
  void room.say("post", { text: "hello" }, "hello");
  return Promise.resolve().then(() => {
    patience().onWaiting?.(new Unanswered("cut"));
    const before = kept.length;
    room.close();
    patience().onWaiting?.(new Unanswered("cut"));

    expect([before, kept.length]).toEqual([2, 2]);
  });
});

// --- a kind of room that only counts -------------------------------------------------------------------------------------------

interface Count {
  position: Position;
  words: string[];
  extra: string;
}

const COUNT: AnyFold<Count> = {
  kind: "count",
  opened: (words: string[], position: Position) => ({ position, words, extra: "" }),
  event: (state, { event }) => ({ ...state, words: [...state.words, event.type] }),
  tick: (state, { type }) => ({ ...state, words: [...state.words, type] }),
  piece: (state, { text }) => ({ ...state, words: [...state.words, text] }),
  said: () => [],
};

let listener: Listener;
let entries = 0;
let ways = 0;

beforeEach(() => {
  entries = 0;
  ways = 0;
});

function counting(ask?: Manner<Count>["ask"]): Room<Count> {
  const line: Line = {
    publish: () => Promise.resolve(),
    history: () => Promise.reject(new Error("none")),
    presence: () => Promise.resolve({ clients: {} }),
    close: () => void (ways += 1),
  };
  const enter = (_connection: Connection, _address: string, given: Listener): Line => {
    listener = given;
    entries += 1;
    return line;
  };
  return new Room("count:1", { fold: COUNT, enter, ask }, silentConnection().connection, NO_SHELF);
}

function joined(words: string[] | undefined, offset: number, recovered = false): void {
  const data = words ? { view: words } : {};
  listener.onSubscribed({ data, streamPosition: { offset, epoch: "e" }, wasRecovering: recovered, recovered });
}

function happened(offset: number, type: string): void {
  listener.onPublication({ data: { id: type, offset, at: 1, by: { id: "ada" }, event: { type } } });
}

const folded = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("a view, and what follows it, are folded in order", async () => {
  const room = counting();
  joined(["view"], 2);
  happened(3, "three");
  listener.onPublication({ data: { tick: { type: "tick", key: "k" }, after: 3 } });
  listener.onPublication({ data: { stream: { key: "k", attempt: 1, position: 0, text: "piece" } } });
  happened(4, "four");
  await folded();

  expect(room.picture.get().state?.words).toEqual(["view", "three", "tick", "piece", "four"]);
  expect(room.picture.get()).toMatchObject({ following: { is: "following" }, behind: 0 });
});

test("a recovered resume goes on with what was known, and a fresh view replaces it", async () => {
  const room = counting();
  joined(["view"], 2);
  listener.onSubscribing();
  expect(room.picture.get().following).toEqual({ is: "catching_up" });
  joined(undefined, 2, true);
  happened(3, "three");
  await folded();
  expect(room.picture.get().state?.words).toEqual(["view", "three"]);

  joined(["fresh"], 900);

  expect(room.picture.get().state?.words).toEqual(["fresh"]);
});

test("where events are missing the room is entered anew", async () => {
  counting();
  joined(["view"], 2);
  happened(9, "nine");
  await folded();

  expect([entries, ways]).toEqual([2, 1]);
});

test("who is put out has seen what put them out, and is told why", () => {
  const room = counting();
  joined(["view"], 2);
  happened(3, "revoked");
  listener.onUnsubscribed(2003, "this share was revoked");

  expect(room.picture.get().state?.words).toEqual(["view", "revoked"]);
  expect(room.picture.get().following).toEqual({
    is: "refused",
    sentence: new Refused("this share was revoked", 2003).message,
    code: 2003,
  });
});

test("what no view carries is asked for, and laid over the state", async () => {
  const room = counting(() => Promise.resolve((now) => ({ ...now, extra: "told" })));
  joined(["view"], 2);
  await folded();

  expect(room.picture.get().state?.extra).toBe("told");
});
