/** How a conversation is followed. */
import type { Manner, Room, RoomPicture } from "../../wire/room";
import { CONVERSATION_FOLD, type ConversationState } from "./fold";

export type ConversationRoom = Room<ConversationState>;
export type ConversationPicture = RoomPicture<ConversationState>;

export const CONVERSATION: Manner<ConversationState> = { fold: CONVERSATION_FOLD };
