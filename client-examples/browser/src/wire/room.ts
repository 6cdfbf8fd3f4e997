/**
 * One room as this page follows it: subscribes, folds what arrives, asks for what is missing, sends what a person says.
 *
 * After a cut the SDK resubscribes with its position. Either it replays what was missed, in order, or the server gives a fresh view
 * (`wasRecovering && !recovered`), which then replaces what the page knew.
 */
import type { PublicationContext, SubscribedContext, Subscription } from "centrifuge";
import { type Readable, Store } from "../state/store";
import type { Connection, Role } from "./connection";
import { Abandoned, Refused } from "./delivery";
import { type Joined, type Publication, type Receipt, readPublication } from "./envelope";
import { fetchUnsentFeedback } from "./feedback";
import { withFetchedFeedback } from "./fold_feedback";
import { derivedId } from "./ids";
import { changed, type Draft, newDraft, type Shelf, without, withoutArrived } from "./outbox";
import {
  type People,
  peopleOf,
  stillTyping,
  stoppedTyping,
  type Typing,
  withJoin,
  withLeave,
  withTyping,
} from "./presence";
import { hasOlder, joined, type RoomState, withEvent, withOlder, withPiece, withTick } from "./room_state";
import type { Message } from "./types";

export type Following =
  | { is: "joining" }
  | { is: "following" }
  | { is: "catching_up" }
  | { is: "refused"; sentence: string };

export interface RoomPicture {
  following: Following;
  /** Events that the room is known to have and this page has not. */
  behind: number;
  state: RoomState | undefined;
  /** undefined: not told yet. */
  role: Role | undefined;
  people: People;
  /** In a room with many people only their number is told. */
  peopleCount: number | undefined;
  typing: readonly Typing[];
  drafts: readonly Draft[];
  older: "idle" | "loading" | "failed";
}

/** Events folded in one go: about a frame's time, so that a long absence does not freeze the page. */
const EVENTS_PER_TURN = 200;
const PAGE_OF_HISTORY = 50;
const TYPING_EVERY_MS = 3_000;
const ASK_AGAIN_MS = 3_000;
/** PROTOCOL.md "Codes". */
const PERMISSION_DENIED = 103;

export class Room {
  readonly picture: Readable<RoomPicture>;
  private readonly store: Store<RoomPicture>;
  private subscription: Subscription;
  private waiting: Publication[] = [];
  private top = 0;
  private turn: ReturnType<typeof setTimeout> | undefined;
  private typingSentMs = 0;
  /** Counts how often we entered the room: what was asked for an earlier time is not asked again. */
  private entry = 0;
  private isClosed = false;

  constructor(
    readonly address: string,
    private readonly connection: Connection,
    private readonly shelf: Shelf,
  ) {
    this.store = new Store<RoomPicture>({
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
    this.subscription = this.follow();
    for (const draft of shelf.load(address)) this.resend(draft);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.turn);
    this.connection.forget(this.subscription);
  }

  // --- what a person does ---------------------------------------------------------------------------------------------------

  /** A command of this room. Raises `Refused` or `Abandoned`. */
  async give(verb: string, payload: object): Promise<Receipt> {
    try {
      const receipt = await this.connection.give(`workspace.${verb}`, { ...payload, room: this.address }, this.patience());
      this.sawTop(receipt.offset);
      return receipt;
    } catch (error) {
      // our standing may have changed while we were here
      if (error instanceof Refused && error.code === PERMISSION_DENIED) void this.askStanding().catch(() => undefined);
      throw error;
    }
  }

  async post(text: string): Promise<void> {
    const commandId = this.connection.newCommandId();
    const actorId = this.connection.actor.get()?.id ?? "";
    const eventId = actorId ? await derivedId(this.address, actorId, commandId, 0) : "";
    await this.send(newDraft(commandId, eventId, text, this.connection.clock.nowMs()));
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
    this.subscription.publish({ type: "typing" }).catch(() => undefined); // a signal may be lost
  }

  async loadOlder(): Promise<void> {
    const { state, older } = this.store.get();
    if (!state || older === "loading" || !hasOlder(state)) return;
    this.change({ older: "loading" });
    try {
      const offset = state.timeline[0]?.offset ?? state.position.offset + 1;
      const since = { offset, epoch: state.position.epoch };
      const page = await this.subscription.history({ limit: PAGE_OF_HISTORY, since, reverse: true });
      const messages = page.publications.map((one) => one.data as Message);
      this.store.update((now) => ({ ...now, older: "idle", state: now.state && withOlder(now.state, messages) }));
    } catch {
      this.change({ older: "failed" });
    }
  }

  // --- what the room says ---------------------------------------------------------------------------------------------------

  private follow(): Subscription {
    const subscription = this.connection.subscription(this.address);
    subscription.on("subscribed", (context) => this.onSubscribed(context));
    subscription.on("subscribing", () => this.onSubscribing());
    subscription.on("unsubscribed", ({ reason }) => this.onPutOut(reason));
    subscription.on("publication", (context) => this.onPublication(context));
    subscription.on("join", ({ info }) => this.change({ people: withJoin(this.store.get().people, info) }));
    subscription.on("leave", ({ info }) => {
      const { people, typing } = this.store.get();
      this.change({ people: withLeave(people, info), typing: stoppedTyping(typing, info.user) });
    });
    subscription.subscribe();
    return subscription;
  }

  private onSubscribed(context: SubscribedContext): void {
    this.fold(Infinity); // what came before belongs to the state before
    const position = context.streamPosition ?? { offset: 0, epoch: "" };
    const before = this.store.get().state;
    const isReplay = context.wasRecovering && context.recovered;
    const state = joined(before, context.data as Joined, position);
    this.top = Math.max(isReplay ? this.top : 0, position.offset);
    this.change({ state, following: { is: "following" }, behind: 0 });
    if (state) this.setDrafts(withoutArrived(this.store.get().drafts, state.timeline));
    this.askAround();
  }

  /** What no view carries: our standing, who is here, the unsent feedback. */
  private askAround(): void {
    this.entry += 1;
    for (const ask of [this.askStanding, this.askPresence, this.askFeedback]) void this.askUntilTold(() => ask.call(this));
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
    const { clients } = await this.subscription.presence();
    this.change({ people: peopleOf(clients) });
  }

  private async askFeedback(): Promise<void> {
    const state = this.store.get().state;
    if (!state || state.feedback.isKnown) return;
    const items = await fetchUnsentFeedback(this.connection.token, state.workspace.id, state.position.offset);
    this.store.update((now) =>
      now.state ? { ...now, state: { ...now.state, feedback: withFetchedFeedback(now.state.feedback, items) } } : now,
    );
  }

  private onSubscribing(): void {
    const { state, following } = this.store.get();
    if (following.is === "refused") return;
    this.entry += 1;
    const now: Following = state ? { is: "catching_up" } : { is: "joining" };
    this.change({ following: now, typing: [], people: undefined, peopleCount: undefined });
  }

  private onPutOut(reason: string): void {
    if (this.isClosed) return;
    this.change({ following: { is: "refused", sentence: new Refused(reason, 0).message }, people: undefined, typing: [] });
  }

  private onPublication(context: PublicationContext): void {
    const publication = readPublication(context.data, context.tags);
    if (publication.is === "signal") return this.onSignal(publication.signal.by, publication.signal.client);
    if (publication.is === "count") return this.change({ peopleCount: publication.actors });
    if (publication.is === "event") this.top = Math.max(this.top, publication.message.offset);
    if (publication.is === "tick") this.top = Math.max(this.top, publication.after);
    this.waiting.push(publication);
    this.turn ??= setTimeout(() => this.fold(EVENTS_PER_TURN), 0);
  }

  private onSignal(by: { id: string }, client: string): void {
    if (!client || by.id === this.connection.actor.get()?.id) return;
    const nowMs = Date.now();
    this.store.update((now) => ({ ...now, typing: withTyping(now.typing, by, nowMs) }));
    setTimeout(() => this.store.update((now) => ({ ...now, typing: stillTyping(now.typing, Date.now()) })), 5_100);
  }

  private fold(most: number): void {
    clearTimeout(this.turn);
    this.turn = undefined;
    let { state, drafts, typing } = this.store.get();
    const publications = this.waiting.splice(0, most);
    for (const publication of publications) {
      if (!state) break;
      if (publication.is === "tick") state = withTick(state, publication.tick);
      if (publication.is === "piece") state = withPiece(state, publication.piece);
      if (publication.is !== "event") continue;
      const outcome = withEvent(state, publication.message);
      if (outcome.is === "hole") return this.startAnew();
      if (outcome.is === "folded") state = outcome.state;
      drafts = withoutArrived(drafts, [publication.message], publication.commandId);
      typing = stoppedTyping(typing, publication.message.by.id);
    }
    this.change({ state, typing, behind: this.behindOf(state) });
    this.setDrafts(drafts);
    if (this.waiting.length > 0) this.turn = setTimeout(() => this.fold(EVENTS_PER_TURN), 0);
  }

  /** The server promises a log without a hole. Should one appear all the same, a fresh view closes it. */
  private startAnew(): void {
    this.waiting = [];
    this.connection.forget(this.subscription);
    this.change({ following: { is: "catching_up" } });
    this.subscription = this.follow();
  }

  private sawTop(offset: number): void {
    this.top = Math.max(this.top, offset);
    this.change({ behind: this.behindOf(this.store.get().state) });
  }

  private behindOf(state: RoomState | undefined): number {
    return state ? Math.max(0, this.top - state.position.offset) : 0;
  }

  // --- what is under way ----------------------------------------------------------------------------------------------------

  private async send(draft: Draft): Promise<void> {
    const state = this.connection.link.get().is === "live" ? "sending" : "waiting";
    this.setDrafts([...without(this.store.get().drafts, draft.commandId), { ...draft, state }]);
    const { commandId, text } = draft;
    try {
      // whoever has left may have signed out: what they discarded is not put back
      const onWaiting = (): void => void (this.isClosed || this.changeDraft(commandId, { state: "waiting" }));
      const patience = { ...this.patience(), onWaiting, commandId };
      const receipt = await this.connection.give("workspace.post", { room: this.address, text }, patience);
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
    if (state) this.setDrafts(withoutArrived(drafts, state.timeline));
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

  private change(change: Partial<RoomPicture>): void {
    if (!this.isClosed) this.store.update((now) => ({ ...now, ...change }));
  }
}
