import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pageClock } from "../state/clock";
import { ownerOf } from "../state/session";
import type { Readable } from "../state/store";
import type { Connection } from "../wire/connection";
import { Abandoned } from "../wire/delivery";
import type { Positioned } from "../wire/fold";
import { sessionShelf } from "../wire/outbox";
import { type Manner, Room, type RoomPicture } from "../wire/room";

/** The value of a store, and a new rendering with each change. */
export function useStore<T>(store: Readable<T>): T {
  const [, render] = useState(0);
  useEffect(() => {
    render((count) => count + 1); // what changed between rendering and listening
    return store.subscribe(() => render((count) => count + 1));
  }, [store]);
  return store.get();
}

/** A room, followed while the page shows it. What is written there and not sent yet outlives a reload, on this tab. */
export function useRoom<S extends Positioned>(
  connection: Connection,
  manner: Manner<S>,
  address: string,
): readonly [Room<S>, RoomPicture<S>] {
  const room = useMemo(
    () => new Room(address, manner, connection, sessionShelf(sessionStorage, ownerOf(connection.token))),
    [connection, manner, address],
  );
  useEffect(() => () => room.close(), [room]);
  return [room, useStore(room.picture)];
}

/** The time, every `everyMs`: for "2 minutes ago". */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => pageClock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(pageClock.nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export interface Asking {
  isAsking: boolean;
  /** Why the last try was refused; "" when it was not. */
  refusal: string;
  /** Runs a command; true when it was accepted. */
  ask: (command: () => Promise<unknown>) => Promise<boolean>;
  forget: () => void;
}

/** One thing that a person asks for, with what came of it. A second click while it is under way does nothing. */
export function useAsking(): Asking {
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState("");
  const busy = useRef(false);
  const ask = async (command: () => Promise<unknown>): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setAsking(true);
    setRefusal("");
    try {
      await command();
      return true;
    } catch (error) {
      if (!(error instanceof Abandoned)) setRefusal(error instanceof Error ? error.message : "That did not work.");
      return false;
    } finally {
      busy.current = false;
      setAsking(false);
    }
  };
  return { isAsking, refusal, ask, forget: () => setRefusal("") };
}

/** True once a condition has held for `ms`: what is over in a moment need not be said. */
export function useLasting(condition: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!condition) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [condition, ms]);
  return condition && lasts;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Atrium` : "Atrium";
  }, [title]);
}
