/** Why one is not in a room, in the server's own sentence, and where one may go instead. */
import type { JSX } from "preact";
import type { Following } from "../wire/room";
import type { Back } from "./page_head";

interface RefusedProps {
  following: Following;
  back?: Back;
}

export function Refused({ following, back }: RefusedProps): JSX.Element | null {
  if (following.is !== "refused") return null;
  return (
    <p class="notice" role="alert">
      {following.sentence} {back && <a href={back.href}>{back.words}</a>}
    </p>
  );
}
