/** One's own room as this page knows it: the inbox, and the lines of one's own lists (see wire/fold.ts). */
import type { Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import type { Recorded } from "../../wire/types";
import type {
  ContentsTakenOver,
  ListEntry,
  Notification,
  Notified,
  OwnRoom,
  PersonEvent,
  PersonTick,
  PersonView,
  ShownFolder,
} from "./types";

export interface PersonState extends PersonView {
  position: Position;
  /** By room: what the own lists say of it. Rooms without an entry have not been heard of since the page came. */
  entries: Readonly<Record<string, ListEntry>>;
}

/** domain/kinds/person/view.py: as many as a view gives. */
const NOTIFICATIONS = 50;
const ROOMS = 200;

function opened(view: PersonView, position: Position): PersonState {
  return { ...view, position, entries: {} };
}

function folded(state: PersonState, message: Recorded<PersonEvent>): PersonState {
  const { event, id } = message;
  switch (event.type) {
    case "notified":
      return notified(state, event, message);
    case "notifications_settled":
      return { ...state, unread_count: event.unread_count, notifications: settled(state.notifications, event.notification_ids) };
    case "room_noted":
      return noted(without(state, event.dropped), event.noted, message.at);
    case "room_forgotten":
      return without(state, event.noted);
    case "room_read":
      return { ...state, rooms: read(state.rooms, [[event.read_room, event.read_offset]]) };
    case "favourite_added":
      return { ...state, favourite_count: state.favourite_count + 1 };
    case "favourite_removed":
      return { ...state, favourite_count: state.favourite_count - 1 };
    case "handed_over":
      return { ...state, handed_to: event.user_id };
    case "contents_taken_over":
      return takenOver(state, event, message.at);
    default:
      return { ...state, folders: foldFolders(state.folders, event, id) };
  }
}

function notified(state: PersonState, event: Notified, { id, offset }: Recorded): PersonState {
  const { what, source, thing_id = null, by = null, title = "", at, unread_count } = event;
  const one: Notification = { id, offset, what, source, thing_id, by, title, at, is_read: false };
  const before = event.settled ? settled(state.notifications, [event.settled]) : state.notifications;
  return { ...state, unread_count, notifications: [...before, one].slice(-NOTIFICATIONS) };
}

function settled(notifications: Notification[], ids: readonly string[]): Notification[] {
  const read = new Set(ids);
  return notifications.map((one) => (read.has(one.id) ? { ...one, is_read: true } : one));
}

function noted(state: PersonState, room: string, at: number): PersonState {
  const rooms = [...state.rooms, { room, noted_at: at, read_offset: 0 }];
  return { ...state, rooms: rooms.slice(-ROOMS), room_count: state.room_count + 1 };
}

function without(state: PersonState, room: string | undefined): PersonState {
  if (!room) return state;
  const { [room]: _gone, ...entries } = state.entries;
  const rooms = state.rooms.filter((one) => one.room !== room);
  return { ...state, rooms, entries, room_count: Math.max(rooms.length, state.room_count - 1) };
}

function read(rooms: OwnRoom[], positions: readonly [string, number][]): OwnRoom[] {
  const offsets = new Map(positions);
  return rooms.map((one) => ({ ...one, read_offset: Math.max(one.read_offset, offsets.get(one.room) ?? 0) }));
}

function takenOver(state: PersonState, event: ContentsTakenOver, at: number): PersonState {
  const { folders = [], words = [], favourites = [], rooms = [], positions = [] } = event;
  const names = new Map(words.map((one) => [one.id, one.text ?? ""]));
  const moved = rooms.reduce((now, room) => noted(now, room, at), state);
  const shown = folders.map(({ id, is_public = false, concept_ids = [] }) => ({
    id,
    name: names.get(id) ?? "",
    is_public,
    concept_count: concept_ids.length,
  }));
  return {
    ...moved,
    rooms: read(moved.rooms, positions),
    folders: [...state.folders, ...shown],
    favourite_count: state.favourite_count + favourites.length,
  };
}

function foldFolders(folders: ShownFolder[], event: PersonEvent, id: string): ShownFolder[] {
  switch (event.type) {
    case "folder_made": {
      const { name, is_public = false, concept_ids = [] } = event;
      return [...folders, { id, name, is_public, concept_count: concept_ids.length }];
    }
    case "folder_changed": {
      const { name, is_public = false } = event;
      return folders.map((one) => (one.id === event.folder_id ? { ...one, name, is_public } : one));
    }
    case "folder_filled": {
      const more = (event.added?.length ?? 0) - (event.taken?.length ?? 0);
      return folders.map((one) => (one.id === event.folder_id ? { ...one, concept_count: one.concept_count + more } : one));
    }
    case "folder_removed":
      return folders.filter((one) => one.id !== event.folder_id);
    default:
      return folders;
  }
}

function ticked(state: PersonState, tick: PersonTick): PersonState {
  return tick.type === "list_entry" ? { ...state, entries: { ...state.entries, [tick.room]: tick } } : state;
}

export const PERSON_FOLD: Fold<PersonState, PersonView, PersonEvent, PersonTick> = {
  kind: "person",
  opened,
  event: folded,
  tick: ticked,
  piece: (state) => state,
  said: () => [],
};
