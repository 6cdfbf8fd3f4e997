import type { JSX } from "preact";
import { AskState } from "../../components/ask_button";
import { ThumbDownMark, ThumbUpMark } from "../../components/icons";
import { counted } from "../../format/words";
import type { ShareState } from "./fold";
import type { ShareRoom } from "./manner";
import type { Vote } from "./types";
import { useVoting } from "./votes";

interface VoteButtonsProps {
  state: ShareState;
  room: ShareRoom;
  me: string;
  canVote: boolean;
}

/** How the votes stand, and one's own. The same button again takes the vote back. */
export function VoteButtons({ state, room, me, canVote }: VoteButtonsProps): JSX.Element {
  const { mine, tally, asking, choose } = useVoting(state, room, me);
  const isOpen = canVote && state.share.allow_voting && mine !== undefined;
  const button = (vote: Vote, count: number, words: string, mark: JSX.Element): JSX.Element => (
    <button
      type="button"
      class={`vote vote-${vote.toLowerCase()}`}
      aria-pressed={mine === vote}
      aria-label={`${words}: ${counted(count, "vote")}`}
      disabled={!isOpen}
      onClick={() => choose(mine === vote ? null : vote)}
    >
      {mark}
      <span class="vote-count">{count}</span>
    </button>
  );
  return (
    <div class="votes" role="group" aria-label="Votes">
      {button("UPVOTE", tally.up, "I like it", <ThumbUpMark />)}
      {button("DOWNVOTE", tally.down, "Not for me", <ThumbDownMark />)}
      {!state.share.allow_voting && <span class="hint">Voting is off.</span>}
      <AskState asking={asking} />
    </div>
  );
}
