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
