/** How a concept is followed. */
import type { Manner, Room, RoomPicture } from "../../wire/room";
import { CONCEPT_FOLD, type ConceptState } from "./fold";

export type ConceptRoom = Room<ConceptState>;
export type ConceptPicture = RoomPicture<ConceptState>;

export const CONCEPT: Manner<ConceptState> = { fold: CONCEPT_FOLD };
