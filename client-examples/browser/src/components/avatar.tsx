/** Who: a picture, initials, or the marks of Claude and of the system. The name always stands beside it, so it is decoration. */
import type { JSX } from "preact";
import { nameOf } from "../format/words";
import type { Actor } from "../wire/types";
import { ClaudeMark, SystemMark } from "./icons";

const HUES = 6;

export function Avatar({ actor, size = "normal" }: { actor: Actor; size?: "small" | "normal" }): JSX.Element {
  const kind = actor.kind ?? "user";
  const look = `avatar avatar-${size} avatar-${kind} hue-${hueOf(actor.id)}`;
  return (
    <span class={look} aria-hidden="true">
      <Face actor={actor} />
    </span>
  );
}

function Face({ actor }: { actor: Actor }): JSX.Element {
  if (actor.kind === "bot") return <ClaudeMark />;
  if (actor.kind === "system") return <SystemMark />;
  if (isSafeImage(actor.image)) return <img src={actor.image} alt="" loading="lazy" referrerpolicy="no-referrer" />;
  return <>{initialsOf(nameOf(actor))}</>;
}

/** "Bot" or "System" beside the name; people need no mark. */
export function AuthorMark({ actor }: { actor: Actor }): JSX.Element | null {
  if (actor.kind === "bot") return <span class="mark mark-bot">Bot</span>;
  if (actor.kind === "system") return <span class="mark">System</span>;
  if (actor.kind === "guest") return <span class="mark">Guest</span>;
  return null;
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

function hueOf(id: string): number {
  let mixed = 0x811c9dc5;
  for (const letter of id) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % HUES;
}

function isSafeImage(address: string | undefined): address is string {
  return /^https:\/\//.test(address ?? "") || /^\/[^/]/.test(address ?? "");
}
