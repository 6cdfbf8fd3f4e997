/**
 * The person's room as the server tells it: domain/kinds/person/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { OpenObject } from "../../wire/types";

export type DeviceKind = "web" | "fcm" | "apns";
export type What =
  | "mention"
  | "reply"
  | "comment"
  | "quote_requested"
  | "quote_received"
  | "quote_revised"
  | "quote_withdrawn"
  | "quote_viewed"
  | "quote_accepted"
  | "quote_rejected"
  | "quote_expired"
  | "quote_message"
  | "refinement_suggested"
  | "refinement_applied"
  | "refinement_dismissed"
  | "share_received"
  | "share_revoked"
  | "video_completed"
  | "video_failed"
  | "turn_completed"
  | "turn_interrupted"
  | "request_expired";

// --- events: what has happened --------------------------------------------------------------------------------------

export interface FolderMade {
  type: "folder_made";
  name: string;
  description?: string;
  is_public?: boolean;
  tags?: string[];
  concept_ids?: string[];
}

export interface FolderChanged {
  type: "folder_changed";
  folder_id: string;
  name: string;
  description?: string;
  is_public?: boolean;
  tags?: string[];
}

export interface FolderFilled {
  type: "folder_filled";
  folder_id: string;
  added?: string[];
  taken?: string[];
}

export interface FolderRemoved {
  type: "folder_removed";
  folder_id: string;
}

export interface FavouriteAdded {
  type: "favourite_added";
  concept_id: string;
}

export interface FavouriteRemoved {
  type: "favourite_removed";
  concept_id: string;
}

export interface ComparisonSaved {
  type: "comparison_saved";
  items: ComparedItem[];
  metadata?: OpenObject;
  session_hash?: string;
}

export interface ComparisonChanged {
  type: "comparison_changed";
  comparison_id: string;
  items: ComparedItem[];
  metadata?: OpenObject;
}

export interface ComparisonRemoved {
  type: "comparison_removed";
  comparison_id: string;
}

export interface StyleProfileSet {
  type: "style_profile_set";
  profile: OpenObject;
  is_first?: boolean;
}

export interface AiPreferencesSet {
  type: "ai_preferences_set";
  preferred_models?: string[];
  default_generation_mode?: string;
  enable_deep_thinking?: boolean;
  auto_generate_on_create?: boolean;
  model_weights?: OpenObject;
  is_first?: boolean;
}

export interface SearchNoted {
  type: "search_noted";
  query: string;
  filters?: OpenObject;
  result_count: number;
  session_hash?: string;
}

export interface SearchClicked {
  type: "search_clicked";
  search_id: string;
  clicked: string[];
}

export interface Notified {
  type: "notified";
  what: What;
  source: string;
  thing_id?: string | null;
  by?: Face | null;
  title?: string;
  at: number;
  unread_count: number;
  settled?: string | null;
  handed_to?: string;
}

export interface NotificationsSettled {
  type: "notifications_settled";
  notification_ids: string[];
  unread_count: number;
}

export interface DeviceAdded {
  type: "device_added";
  device_id: string;
  endpoint: string;
  p256dh?: string;
  auth?: string;
  kind?: DeviceKind;
  name?: string;
  is_first?: boolean;
}

export interface DeviceRemoved {
  type: "device_removed";
  device_id: string;
}

export interface RoomRead {
  type: "room_read";
  read_room: string;
  read_offset: number;
  is_first?: boolean;
  dropped?: string;
}

export interface RoomNoted {
  type: "room_noted";
  noted: string;
  dropped?: string;
  handed_to?: string;
  handed_to_name?: string;
}

export interface RoomForgotten {
  type: "room_forgotten";
  noted: string;
}

export interface Claimed {
  type: "claimed";
  guest_id: string;
  user_name?: string;
}

export interface ClaimUndone {
  type: "claim_undone";
  guest_id: string;
  reason?: string;
}

export interface HandedOver {
  type: "handed_over";
  user_id: string;
  user_name?: string;
}

export interface ContentsHandedOver {
  type: "contents_handed_over";
  user_id: string;
  user_name?: string;
  folders?: MovedFolder[];
  comparisons?: MovedComparison[];
  searches?: MovedSearch[];
  words?: Words[];
  favourites?: string[];
  positions?: [string, number][];
  rooms?: string[];
}

export interface ContentsTakenOver {
  type: "contents_taken_over";
  guest_id: string;
  folders?: MovedFolder[];
  comparisons?: MovedComparison[];
  searches?: MovedSearch[];
  words?: Words[];
  favourites?: string[];
  positions?: [string, number][];
  known_positions?: string[];
  rooms?: string[];
  left_out?: number;
}

export type PersonEvent =
  | FolderMade
  | FolderChanged
  | FolderFilled
  | FolderRemoved
  | FavouriteAdded
  | FavouriteRemoved
  | ComparisonSaved
  | ComparisonChanged
  | ComparisonRemoved
  | StyleProfileSet
  | AiPreferencesSet
  | SearchNoted
  | SearchClicked
  | Notified
  | NotificationsSettled
  | DeviceAdded
  | DeviceRemoved
  | RoomRead
  | RoomNoted
  | RoomForgotten
  | Claimed
  | ClaimUndone
  | HandedOver
  | ContentsHandedOver
  | ContentsTakenOver;

// --- ticks: what passes ---------------------------------------------------------------------------------------------

export interface ListEntry {
  type: "list_entry";
  key: string;
  room: string;
  name: string;
  status?: string;
  step?: string;
  progress?: number | null;
  at?: number;
  unread?: number;
}

export type PersonTick = ListEntry;

// --- view: what a joiner is given -----------------------------------------------------------------------------------

export interface Notification {
  id: string;
  offset: number;
  what: What;
  source: string;
  thing_id: string | null;
  by: Face | null;
  title: string;
  at: number;
  is_read: boolean;
}

export interface ShownFolder {
  id: string;
  name: string;
  is_public: boolean;
  concept_count: number;
}

export interface OwnRoom {
  room: string;
  noted_at: number;
  read_offset: number;
}

export interface PersonView {
  id: string;
  notifications: Notification[];
  unread_count: number;
  rooms: OwnRoom[];
  room_count: number;
  folders: ShownFolder[];
  favourite_count: number;
  handed_to: string;
}

export interface ComparedItem {
  type: string;
  id: string;
}

export interface Face {
  id: string;
  kind?: "user" | "bot" | "guest" | "system";
  name?: string;
  image?: string;
}

export interface MovedFolder {
  id: string;
  is_public?: boolean;
  concept_ids?: string[];
  made_at?: number;
}

export interface MovedComparison {
  id: string;
  items?: ComparedItem[];
  saved_at?: number;
}

export interface MovedSearch {
  id: string;
  result_count?: number;
  clicked?: string[];
  at?: number;
}

export interface Words {
  id: string;
  text?: string;
  description?: string;
  tags?: string[];
  details?: OpenObject;
}
