/** Times as people say them, in the browser's own language settings and zone. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const shortWithYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const withYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function clockTime(atMs: number): string {
  return clock.format(atMs);
}

export function fullTime(atMs: number): string {
  return full.format(atMs);
}

/** When something ends: to the minute, or far away to the day. */
export function endTime(atMs: number, nowMs: number): string {
  return Math.abs(atMs - nowMs) < 300 * DAY ? short.format(atMs) : shortWithYear.format(atMs);
}

/** Which calendar day, to tell two days apart. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toDateString();
}

export function dayWords(atMs: number, nowMs: number): string {
  if (dayOf(atMs) === dayOf(nowMs)) return "Today";
  if (dayOf(atMs) === dayOf(nowMs - DAY)) return "Yesterday";
  return nowMs - atMs < 300 * DAY ? weekday.format(atMs) : withYear.format(atMs);
}

export function ago(atMs: number, nowMs: number): string {
  const past = Math.max(0, nowMs - atMs);
  if (past < MINUTE) return "just now";
  if (past < HOUR) return relative.format(-Math.floor(past / MINUTE), "minute");
  if (past < DAY) return relative.format(-Math.floor(past / HOUR), "hour");
  return past < 30 * DAY ? relative.format(-Math.floor(past / DAY), "day") : withYear.format(atMs);
}

/** "offline since 14:02", with the day where it is not today. */
export function sinceWords(atMs: number, nowMs: number): string {
  return dayOf(atMs) === dayOf(nowMs) ? clockTime(atMs) : `${dayWords(atMs, nowMs)}, ${clockTime(atMs)}`;
}

/** "12 s", "3 min 20 s", "1 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

/** A time as a field for date and time has it, in this device's zone. */
export function localMoment(atMs: number): string {
  const zone = new Date(atMs).getTimezoneOffset() * MINUTE;
  return new Date(atMs - zone).toISOString().slice(0, 16);
}

/** Unix milliseconds of such a field; null where it is empty. */
export function momentOf(local: string): number | null {
  const at = Date.parse(local);
  return Number.isNaN(at) ? null : at;
}
