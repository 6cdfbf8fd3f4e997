/** Words that every page uses: one place, so that the same thing is always called the same. */
import type { Actor } from "../wire/types";

export function nameOf(actor: Actor): string {
  if (actor.name) return actor.name;
  if (actor.kind === "bot") return "Claude";
  if (actor.kind === "system") return "Atrium";
  return actor.kind === "guest" ? "A guest" : "Somebody";
}

export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "Ada", "Ada and Ben", "Ada, Ben and 3 others". */
export function listed(names: readonly string[], shown = 2): string {
  const first = names.slice(0, shown);
  const rest = names.length - first.length;
  if (rest > 0) return `${first.join(", ")} and ${counted(rest, "other")}`;
  return first.length < 2 ? (first[0] ?? "") : `${first.slice(0, -1).join(", ")} and ${first.at(-1)}`;
}

/** A key of an open object as words: "max_budget" -> "Max budget". */
export function wordsOf(key: string): string {
  const words = key
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

/** A value of an open object as words. */
export function plain(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value !== "object" || value === null) return String(value ?? "");
  return Object.entries(value)
    .map(([key, one]) => `${wordsOf(key)}: ${plain(one)}`)
    .join(", ");
}
