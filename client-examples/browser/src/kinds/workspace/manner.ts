/** How a workspace is followed: its fold, and its unsent feedback, which the view only counts. */
import type { Manner, Room, RoomPicture } from "../../wire/room";
import { fetchUnsentFeedback } from "./fetch_feedback";
import { WORKSPACE_FOLD, type WorkspaceState } from "./fold";
import { withFetchedFeedback } from "./fold_feedback";

export type WorkspaceRoom = Room<WorkspaceState>;
export type WorkspacePicture = RoomPicture<WorkspaceState>;

export const WORKSPACE: Manner<WorkspaceState> = {
  fold: WORKSPACE_FOLD,
  async ask(state, { token }) {
    if (state.feedback.isKnown) return undefined;
    const items = await fetchUnsentFeedback(token, state.workspace.id, state.position.offset);
    return (now) => ({ ...now, feedback: withFetchedFeedback(now.feedback, items) });
  },
};
