/** Who is here and who is writing: a pure fold over presence, joins, leaves and signals. */
import type { ClientInfo } from "centrifuge";
import type { Actor } from "./types";

/** By actor id; undefined while nobody has told us yet. */
export type People = ReadonlyMap<string, Actor> | undefined;

export interface Typing {
  actor: Actor;
  untilMs: number;
}

/** A typing signal is repeated every 3 s while somebody types (see Room.signalTyping). */
export const TYPING_SHOWN_MS = 5_000;

export function peopleOf(clients: Record<string, ClientInfo>): People {
  return new Map(Object.values(clients).map((info) => [info.user, faceOf(info)]));
}

export function withJoin(people: People, info: ClientInfo): People {
  return new Map([...(people ?? []), [info.user, faceOf(info)]]);
}

export function withLeave(people: People, info: ClientInfo): People {
  const rest = new Map(people ?? []);
  rest.delete(info.user);
  return rest;
}

export function withTyping(typing: readonly Typing[], actor: Actor, nowMs: number): readonly Typing[] {
  const others = typing.filter((one) => one.actor.id !== actor.id && one.untilMs > nowMs);
  return [...others, { actor, untilMs: nowMs + TYPING_SHOWN_MS }];
}

export function stillTyping(typing: readonly Typing[], nowMs: number): readonly Typing[] {
  return typing.some((one) => one.untilMs <= nowMs) ? typing.filter((one) => one.untilMs > nowMs) : typing;
}

export function stoppedTyping(typing: readonly Typing[], actorId: string): readonly Typing[] {
  return typing.some((one) => one.actor.id === actorId) ? typing.filter((one) => one.actor.id !== actorId) : typing;
}

function faceOf(info: ClientInfo): Actor {
  const face = (info.connInfo ?? {}) as Partial<Actor>;
  return { ...face, id: info.user };
}
