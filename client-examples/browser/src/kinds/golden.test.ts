/** Each kind's fold is held against a room that the rules have played (tests/unit/test_browser_golden.py). */
import { describe, expect, test } from "vitest";
import type { AnyFold, Positioned } from "../wire/fold";
import { joined, withEvent } from "../wire/fold";
import type { Recorded } from "../wire/types";
import { CONCEPT_FOLD, type ConceptState } from "./concept/fold";
import concept from "./concept/golden_room.json";
import { CONVERSATION_FOLD, type ConversationState } from "./conversation/fold";
import conversation from "./conversation/golden_room.json";
import { PERSON_FOLD, type PersonState } from "./person/fold";
import person from "./person/golden_room.json";
import { QUOTE_FOLD, type QuoteState } from "./quote/fold";
import quote from "./quote/golden_room.json";
import { SHARE_FOLD, type ShareState } from "./share/fold";
import share from "./share/golden_room.json";
import type { Known } from "./share/types";

interface Golden {
  views: { offset: number; view: unknown }[];
  messages: unknown[];
}

/** The state after the view at `n` and the events up to `m`. */
function played<S extends Positioned>(fold: AnyFold<S>, golden: Golden, n: number, m: number): S {
  const view = viewAt(golden, n);
  const first = joined(fold, undefined, { view }, { offset: n, epoch: "golden" });
  if (!first) throw new Error(`no view was recorded at ${n}`);
  return (golden.messages as Recorded[]).slice(n, m).reduce((before, message) => {
    const outcome = withEvent(fold, before, message);
    if (outcome.is !== "folded") throw new Error(`offset ${message.offset} was ${outcome.is}`);
    return outcome.state;
  }, first);
}

function viewAt(golden: Golden, offset: number): unknown {
  return golden.views.find((one) => one.offset === offset)?.view;
}

/** A view keeps the newest of what has ended; the page keeps on what it has seen. */
function only<T extends { id: string }>(seen: readonly T[], shown: readonly { id: string }[]): T[] {
  return seen.filter((one) => shown.some((other) => other.id === one.id));
}

/** Who is known has no order. */
function byName(people: readonly Known[]): Known[] {
  return [...people].sort((a, b) => a.name.localeCompare(b.name));
}

const KINDS: [string, AnyFold<never>, Golden, (state: never, view: never) => unknown][] = [
  [
    "share",
    SHARE_FOLD as AnyFold<never>,
    share,
    ({ share, tally, comments, shown, people }: ShareState) => ({ share, tally, comments, shown, people: byName(people) }),
  ],
  [
    "concept",
    CONCEPT_FOLD as AnyFold<never>,
    concept,
    ({ position: _position, looks: _looks, notes: _notes, ...rest }: ConceptState, view: ConceptState) => ({
      ...rest,
      requests: only(rest.requests, view.requests),
      videos: only(rest.videos, view.videos),
    }),
  ],
  ["quote", QUOTE_FOLD as AnyFold<never>, quote, ({ request, quote, messages }: QuoteState) => ({ request, quote, messages })],
  [
    "conversation",
    CONVERSATION_FOLD as AnyFold<never>,
    conversation,
    ({ conversation, messages, turns }: ConversationState) => ({ conversation, messages, turns }),
  ],
  ["person", PERSON_FOLD as AnyFold<never>, person, ({ position: _position, entries: _entries, ...rest }: PersonState) => rest],
];

describe.each(KINDS)("%s: view at n and the events n+1 to m are the view at m", (_kind, fold, golden, viewOf) => {
  const moments = golden.views.map((one) => one.offset);
  const pairs = moments.flatMap((n, index) => moments.slice(index).map((m) => [n, m] as const));

  test.each(pairs)("n = %i, m = %i", (n, m) => {
    const view = viewAt(golden, m) as never;

    expect(viewOf(played(fold, golden, n, m), view)).toEqual(viewOf(view, view));
  });
});
