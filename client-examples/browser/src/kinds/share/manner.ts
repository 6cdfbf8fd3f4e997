/** How a shared concept is followed: its fold, and the reader's own vote, which no view carries since it is the same for all. */
import type { Manner, Room, RoomPicture } from "../../wire/room";
import { SHARE_FOLD, type ShareState } from "./fold";
import type { VoteAnswer } from "./types";

export type ShareRoom = Room<ShareState>;
export type SharePicture = RoomPicture<ShareState>;

export const SHARE: Manner<ShareState> = {
  fold: SHARE_FOLD,
  async ask(state, connection) {
    if (state.askedVote !== undefined) return undefined;
    const { vote } = await connection.call<VoteAnswer>("share.my_vote", { room: `share:${state.share.id}` });
    return (now) => ({ ...now, askedVote: vote });
  },
};
