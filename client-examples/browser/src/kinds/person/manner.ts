/** One's own room: the server enters it for us at connecting, and puts us back after a cut. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useStore } from "../../components/hooks";
import { type Readable, Store } from "../../state/store";
import type { Connection } from "../../wire/connection";
import type { Shelf } from "../../wire/outbox";
import { type Manner, Room, type RoomPicture } from "../../wire/room";
import { PERSON_FOLD, type PersonState } from "./fold";
import type { ListEntry } from "./types";

export type OwnRoom = Room<PersonState>;

export const PERSON: Manner<PersonState> = {
  fold: PERSON_FOLD,
  enter: (connection, address, listener) => connection.given(address, listener),
};

/** Nothing is said in one's own room. */
const NO_SHELF: Shelf = { load: () => [], keep: () => undefined };

/** The own room of whoever a connection turns out to be; the same one as long as the connection lasts. */
export class Own {
  readonly picture: Readable<RoomPicture<PersonState> | undefined>;
  private readonly store = new Store<RoomPicture<PersonState> | undefined>(undefined);
  private readonly stop: () => void;
  private room: OwnRoom | undefined;

  constructor(private readonly connection: Connection) {
    this.picture = this.store;
    // The server tells the room right behind who we are: it is listened to before that.
    this.stop = connection.actor.subscribe(() => this.open());
  }

  close(): void {
    this.stop();
    this.room?.close();
  }

  /** Mark notifications as read. Raises `Refused` or `Abandoned`. */
  async settle(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.room?.give("settle_notifications", { notification_ids: ids });
  }

  async settleAll(): Promise<void> {
    const last = this.store.get()?.state?.notifications.at(-1);
    if (last) await this.room?.give("settle_notifications", { up_to: last.offset });
  }

  private open(): void {
    const actor = this.connection.actor.get();
    if (!actor || this.room) return;
    const room = new Room(`person:${actor.id}`, PERSON, this.connection, NO_SHELF);
    this.room = room;
    room.picture.subscribe(() => this.store.set(room.picture.get()));
  }
}

/** Everywhere on a page: one's own room. A guest's page has none. */
export const OwnContext = createContext<Own | undefined>(undefined);

const NONE = new Store<RoomPicture<PersonState> | undefined>(undefined);

/** undefined: not told yet, or nobody's. */
export function useOwn(): PersonState | undefined {
  return useStore(useContext(OwnContext)?.picture ?? NONE)?.state;
}

export function useEntry(address: string): ListEntry | undefined {
  return useOwn()?.entries[address];
}
