/** A vote that is shown at once, and given until it is answered; the last click counts. */
import { useRef, useState } from "preact/hooks";
import { type Asking, useAsking } from "../../components/hooks";
import { type ShareState, voteOf } from "./fold";
import type { ShareRoom } from "./manner";
import type { Vote, VoteCount } from "./types";

export interface Voting {
  /** undefined: not told yet. */
  mine: Vote | null | undefined;
  tally: VoteCount;
  asking: Asking;
  choose: (vote: Vote | null) => void;
}

/** `wanted` counts until the room's own event of it is here, at `answeredAt`. */
interface Wish {
  wanted: Vote | null;
  answeredAt: number;
}

export function useVoting(state: ShareState, room: ShareRoom, me: string): Voting {
  const [wish, setWish] = useState<Wish | undefined>(undefined);
  const latest = useRef<Vote | null>(null);
  const isUnderWay = useRef(false);
  const asking = useAsking();
  const told = voteOf(state, me);
  const isOpen = wish !== undefined && wish.answeredAt > state.position.offset;
  const mine = isOpen ? wish.wanted : told;
  const give = async (): Promise<void> => {
    for (let wanted: Vote | null | undefined; wanted !== latest.current;) {
      wanted = latest.current;
      const { offset } = await (wanted ? room.give("vote", { vote: wanted }) : room.give("withdraw_vote", {}));
      if (wanted === latest.current) setWish({ wanted, answeredAt: offset });
    }
  };
  const choose = (vote: Vote | null): void => {
    latest.current = vote;
    setWish({ wanted: vote, answeredAt: Infinity });
    if (isUnderWay.current) return; // its loop takes the newest along
    isUnderWay.current = true;
    void asking.ask(give).then((isTaken) => {
      isUnderWay.current = false;
      if (!isTaken) setWish(undefined);
    });
  };
  return { mine, tally: recounted(state.tally, told ?? null, mine ?? null), asking, choose };
}

/** The tally as it will be once one's own vote is counted. */
export function recounted(tally: VoteCount, told: Vote | null, mine: Vote | null): VoteCount {
  if (told === mine) return tally;
  const change = (vote: Vote): number => Number(mine === vote) - Number(told === vote);
  return { up: Math.max(0, tally.up + change("UPVOTE")), down: Math.max(0, tally.down + change("DOWNVOTE")) };
}
