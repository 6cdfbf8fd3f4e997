/** Telling the server how far one has read, so that every device of a person counts the same. */
import { useEffect, useRef } from "preact/hooks";
import type { Connection } from "../../wire/connection";
import { useEntry } from "./manner";

/** Somebody who only passes by has not read. */
const READ_AFTER_MS = 700;

/** What is on the page up to `offset` counts as read while the page is looked at; only rooms of one's own list are counted. */
export function useReadMark(connection: Connection, address: string, offset: number | undefined): void {
  const unread = useEntry(address)?.unread ?? 0;
  const told = useRef(0);
  useEffect(() => {
    if (!offset || unread === 0 || offset <= told.current) return;
    const tell = (): void => {
      if (document.visibilityState !== "visible") return;
      told.current = offset;
      connection.give("room.mark_read", { room: address, offset }).catch(() => undefined); // the next reading tells it again
    };
    const timer = setTimeout(tell, READ_AFTER_MS);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [address, offset, unread]);
}
