/** How a quote is followed. */
import type { Manner, Room, RoomPicture } from "../../wire/room";
import { QUOTE_FOLD, type QuoteState } from "./fold";

export type QuoteRoom = Room<QuoteState>;
export type QuotePicture = RoomPicture<QuoteState>;

export const QUOTE: Manner<QuoteState> = { fold: QUOTE_FOLD };
