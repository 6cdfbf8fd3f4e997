/**
 * One room as this page follows it: subscribes, folds what arrives, asks for what is missing, sends what a person says.
 *
 * After a cut the SDK resubscribes with its position. Either it replays what was missed, in order, or the server gives a fresh view
 * (`wasRecovering && !recovered`), which then replaces what the page knew.
 */
import { type Readable, Store } from "../state/store";
import type { Connection, Role } from "./connection";
import { Abandoned, Refused } from "./delivery";
import { type Joined, type Publication, type Receipt, readPublication } from "./envelope";
import { type AnyFold, hasOlder, joined, type Positioned, withEvent } from "./fold";
import { derivedId } from "./ids";
import { type Entered, enteredLine, type Line, type Listener } from "./line";
import { changed, type Draft, newDraft, type Shelf, without, withoutArrived } from "./outbox";
import { type People, peopleOf, stillTyping, stoppedTyping, type Typing, withJoin, withLeave, withTyping } from "./presence";
import type { Recorded } from "./types";

export type Following =
  { is: "joining" } | { is: "following" } | { is: "catching_up" } | { is: "refused"; sentence: string; code: number };

export interface RoomPicture<S> {
  following: Following;
  /** Events that the room is known to have and this page has not. */
  behind: number;
  state: S | undefined;
  /** undefined: not told yet. */
  role: Role | undefined;
  people: People;
  /** In a room with many people only their number is told. */
  peopleCount: number | undefined;
  typing: readonly Typing[];
  drafts: readonly Draft[];
  older: "idle" | "loading" | "failed";
}

/** How a kind of room is followed: its fold, and what its view does not carry. */
export interface Manner<S extends Positioned> {
  fold: AnyFold<S>;
  /** Asked after each entry until it is told. Returns what it does to the state, undefined where nothing is missing. */
  ask?: (state: S, connection: Connection) => Promise<((now: S) => S) | undefined>;
  /** How the room is entered; by a subscription of this page, if nothing else is said. */
  enter?: (connection: Connection, address: string, listener: Listener) => Line;
}

/** Events folded in one go: about a frame's time, so that a long absence does not freeze the page. */
const EVENTS_PER_TURN = 200;
const PAGE_OF_HISTORY = 50;
const TYPING_EVERY_MS = 3_000;
const ASK_AGAIN_MS = 3_000;
/** PROTOCOL.md "Codes". */
const PERMISSION_DENIED = 103;

export class Room<S extends Positioned> {
  readonly picture: Readable<RoomPicture<S>>;
  private readonly store: Store<RoomPicture<S>>;
  private readonly fold: AnyFold<S>;
  private line: Line;
  private waiting: Publication[] = [];
  private top = 0;
  private turn: ReturnType<typeof setTimeout> | undefined;
  private typingSentMs = 0;
  /** Counts how often we entered the room: what was asked for an earlier time is not asked again. */
  private entry = 0;
  private isClosed = false;

  constructor(
    readonly address: string,
    private readonly manner: Manner<S>,
    private readonly connection: Connection,
    private readonly shelf: Shelf,
  ) {
    this.fold = manner.fold;
    this.store = new Store<RoomPicture<S>>({
      following: { is: "joining" },
      behind: 0,
      state: undefined,
      role: undefined,
      people: undefined,
      peopleCount: undefined,
      typing: [],
      drafts: [],
      older: "idle",
    });
    this.picture = this.store;
    this.line = this.follow();
    for (const draft of shelf.load(address)) this.resend(draft);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.turn);
    this.line.close();
  }

  // --- what a person does ---------------------------------------------------------------------------------------------------

  /** A command of this room. Raises `Refused` or `Abandoned`. */
  async give(verb: string, payload: object): Promise<Receipt> {
    try {
      const receipt = await this.connection.give(this.named(verb), { ...payload, room: this.address }, this.patience());
      this.sawTop(receipt.offset);
      return receipt;
    } catch (error) {
      // our standing may have changed while we were here
      if (error instanceof Refused && error.code === PERMISSION_DENIED) void this.askStanding().catch(() => undefined);
      throw error;
    }
  }

  /** Ask the room something; nothing changes. Raises `Refused` or `Unanswered`. */
  ask<T>(word: string, payload: object = {}): Promise<T> {
    return this.connection.call<T>(this.named(word), { ...payload, room: this.address });
  }

  /** What a person says: shown at once, and given until it is answered. `text` is what is shown meanwhile. */
  async say(verb: string, payload: object, text: string): Promise<void> {
    const commandId = this.connection.newCommandId();
    const actorId = this.connection.actor.get()?.id ?? "";
    const eventId = actorId ? await derivedId(this.address, actorId, commandId, 0) : "";
    await this.send(newDraft({ commandId, eventId, verb, payload, text, atMs: this.connection.clock.nowMs() }));
  }

  /** Give a refused message once more, under its own id: it was never accepted. */
  resend(draft: Draft): void {
    void this.send({ ...draft, sentence: "" });
  }

  discard(commandId: string): void {
    this.setDrafts(without(this.store.get().drafts, commandId));
  }

  signalTyping(): void {
    const now = performance.now();
    if (now - this.typingSentMs < TYPING_EVERY_MS && this.typingSentMs > 0) return;
    this.typingSentMs = now;
    this.line.publish({ type: "typing" }).catch(() => undefined); // a signal may be lost
  }

  async loadOlder(): Promise<void> {
    const { state, older } = this.store.get();
    const past = this.fold.older;
    if (!state || !past || older === "loading" || !hasOlder(this.fold, state)) return;
    this.change({ older: "loading" });
    try {
      const since = { offset: past.first(state), epoch: state.position.epoch };
      const page = await this.line.history({ limit: PAGE_OF_HISTORY, since, reverse: true });
      const messages = page.publications.map((one) => one.data as Recorded);
      this.store.update((now) => ({ ...now, older: "idle", state: now.state && past.with(now.state, messages) }));
    } catch {
      this.change({ older: "failed" });
    }
  }

  /** What this page found out elsewhere, by HTTP or by a question. */
  learn(change: (state: S) => S): void {
    this.store.update((now) => (now.state ? { ...now, state: change(now.state) } : now));
  }

  // --- what the room says ---------------------------------------------------------------------------------------------------

  private follow(): Line {
    const enter = this.manner.enter ?? enteredLine;
    return enter(this.connection, this.address, {
      onSubscribed: (entered) => this.onSubscribed(entered),
      onSubscribing: () => this.onSubscribing(),
      onUnsubscribed: (code, reason) => this.onPutOut(code, reason),
      onPublication: ({ data, tags }) => this.onPublication(data, tags),
      onJoin: (info) => this.change({ people: withJoin(this.store.get().people, info) }),
      onLeave: (info) => {
        const { people, typing } = this.store.get();
        this.change({ people: withLeave(people, info), typing: stoppedTyping(typing, info.user) });
      },
    });
  }

  private onSubscribed(entered: Entered): void {
    this.foldWaiting(Infinity); // what came before belongs to the state before
    const position = entered.streamPosition ?? { offset: 0, epoch: "" };
    const before = this.store.get().state;
    const isReplay = entered.wasRecovering && entered.recovered;
    const state = joined(this.fold, before, (entered.data ?? {}) as Joined<unknown>, position);
    this.top = Math.max(isReplay ? this.top : 0, position.offset);
    this.change({ state, following: { is: "following" }, behind: 0 });
    this.dropArrived();
    this.askAround();
  }

  /** What no view carries: our standing, who is here, what the kind asks for. */
  private askAround(): void {
    this.entry += 1;
    for (const ask of [this.askStanding, this.askPresence, this.askMissing]) void this.askUntilTold(() => ask.call(this));
  }

  /** Again and again while we are in the room: until it is told, the page says that it is not known. */
  private async askUntilTold(ask: () => Promise<void>): Promise<void> {
    const { entry } = this;
    while (!this.isClosed && this.entry === entry) {
      try {
        return await ask();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    }
  }

  private async askStanding(): Promise<void> {
    const { role } = await this.connection.call<{ role: Role }>("room.standing", { room: this.address });
    this.change({ role });
  }

  private async askPresence(): Promise<void> {
    const { clients } = await this.line.presence();
    this.change({ people: peopleOf(clients) });
  }

  private async askMissing(): Promise<void> {
    const state = this.store.get().state;
    const change = state && (await this.manner.ask?.(state, this.connection));
    if (change) this.learn(change);
  }

  private onSubscribing(): void {
    const { state, following } = this.store.get();
    if (following.is === "refused") return;
    this.entry += 1;
    const now: Following = state ? { is: "catching_up" } : { is: "joining" };
    this.change({ following: now, typing: [], people: undefined, peopleCount: undefined });
  }

  private onPutOut(code: number, reason: string): void {
    if (this.isClosed) return;
    this.foldWaiting(Infinity); // what put us out is the last that we were told
    const sentence = new Refused(reason, code).message;
    this.change({ following: { is: "refused", sentence, code }, people: undefined, typing: [] });
  }

  private onPublication(data: unknown, tags: Record<string, string> | undefined): void {
    const publication = readPublication(data, tags);
    if (publication.is === "signal") return this.onSignal(publication.signal.by, publication.signal.client);
    if (publication.is === "count") return this.change({ peopleCount: publication.actors });
    if (publication.is === "event") this.top = Math.max(this.top, publication.message.offset);
    if (publication.is === "tick") this.top = Math.max(this.top, publication.after);
    this.waiting.push(publication);
    this.turn ??= setTimeout(() => this.foldWaiting(EVENTS_PER_TURN), 0);
  }

  private onSignal(by: { id: string }, client: string): void {
    if (!client || by.id === this.connection.actor.get()?.id) return;
    const nowMs = Date.now();
    this.store.update((now) => ({ ...now, typing: withTyping(now.typing, by, nowMs) }));
    setTimeout(() => this.store.update((now) => ({ ...now, typing: stillTyping(now.typing, Date.now()) })), 5_100);
  }

  private foldWaiting(most: number): void {
    clearTimeout(this.turn);
    this.turn = undefined;
    let { state, drafts, typing } = this.store.get();
    const publications = this.waiting.splice(0, most);
    for (const publication of publications) {
      if (!state) break;
      if (publication.is === "tick") state = this.fold.tick(state, publication.tick);
      if (publication.is === "piece") state = this.fold.piece(state, publication.piece);
      if (publication.is !== "event") continue;
      const outcome = withEvent(this.fold, state, publication.message);
      if (outcome.is === "hole") return this.startAnew();
      if (outcome.is === "folded") state = outcome.state;
      drafts = withoutArrived(drafts, [publication.message], publication.commandId);
      typing = stoppedTyping(typing, publication.message.by.id);
    }
    this.change({ state, typing, behind: this.behindOf(state) });
    this.setDrafts(drafts);
    if (this.waiting.length > 0) this.turn = setTimeout(() => this.foldWaiting(EVENTS_PER_TURN), 0);
  }

  /** The server promises a log without a hole. Should one appear all the same, a fresh view closes it. */
  private startAnew(): void {
    this.waiting = [];
    this.line.close();
    this.change({ following: { is: "catching_up" } });
    this.line = this.follow();
  }

  private sawTop(offset: number): void {
    this.top = Math.max(this.top, offset);
    this.change({ behind: this.behindOf(this.store.get().state) });
  }

  private behindOf(state: S | undefined): number {
    return state ? Math.max(0, this.top - state.position.offset) : 0;
  }

  // --- what is under way ----------------------------------------------------------------------------------------------------

  private async send(draft: Draft): Promise<void> {
    const state = this.connection.link.get().is === "live" ? "sending" : "waiting";
    this.setDrafts([...without(this.store.get().drafts, draft.commandId), { ...draft, state }]);
    const { commandId, verb, payload } = draft;
    try {
      // whoever has left may have signed out: what they discarded is not put back
      const onWaiting = (): void => void (this.isClosed || this.changeDraft(commandId, { state: "waiting" }));
      const patience = { ...this.patience(), onWaiting, commandId };
      const receipt = await this.connection.give(this.named(verb), { ...payload, room: this.address }, patience);
      this.changeDraft(commandId, { state: "accepted", eventId: receipt.event_ids[0] ?? draft.eventId });
      this.dropArrived();
      this.sawTop(receipt.offset);
    } catch (error) {
      if (error instanceof Abandoned) return; // the shelf keeps it for the next visit
      const sentence = error instanceof Error ? error.message : String(error);
      this.changeDraft(commandId, { state: "refused", sentence });
    }
  }

  private dropArrived(): void {
    const { drafts, state } = this.store.get();
    if (state) this.setDrafts(withoutArrived(drafts, this.fold.said(state)));
  }

  private named(verb: string): string {
    return `${this.fold.kind}.${verb}`;
  }

  private patience(): { isAbandoned: () => boolean } {
    return { isAbandoned: () => this.isClosed || this.connection.link.get().is === "ended" };
  }

  private changeDraft(commandId: string, change: Partial<Draft>): void {
    this.setDrafts(changed(this.store.get().drafts, commandId, change));
  }

  private setDrafts(drafts: readonly Draft[]): void {
    if (drafts === this.store.get().drafts) return;
    this.change({ drafts });
    this.shelf.keep(this.address, drafts);
  }

  private change(change: Partial<RoomPicture<S>>): void {
    if (!this.isClosed) this.store.update((now) => ({ ...now, ...change }));
  }
}
