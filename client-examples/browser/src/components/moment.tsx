import type { JSX } from "preact";
import { ago, clockTime, endTime, fullTime } from "../format/time";
import { useNow } from "./hooks";

/** A time of day; the whole date on hovering and for machines. */
export function Moment({ at }: { at: number }): JSX.Element {
  return (
    <time class="moment" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  );
}

/** "5 minutes ago", kept right. */
export function Ago({ at }: { at: number }): JSX.Element {
  const now = useNow(30_000);
  return (
    <time class="moment" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {ago(at, now)}
    </time>
  );
}

/** When something ends; the whole date on hovering. */
export function Until({ at }: { at: number }): JSX.Element {
  const now = useNow(60_000);
  return (
    <time class="until" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {endTime(at, now)}
    </time>
  );
}
