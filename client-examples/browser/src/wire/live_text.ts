/** Text as it is told, piece by piece: a telling has a number, a piece its place, counted in characters (code points). */
import type { Piece } from "./envelope";

/** The newest part of a text: `text` begins at `start` of the whole and goes to `end`. */
export interface LiveText {
  attempt: number;
  start: number;
  end: number;
  text: string;
}

/**
 * The text after a piece; undefined where the piece says nothing new. Text that was seen is skipped, an earlier attempt is over,
 * another one replaces what was told from where it begins. At most `most` characters are kept, the newest.
 */
export function continued(told: LiveText | undefined, piece: Piece, most: number): LiveText | undefined {
  const characters = [...piece.text];
  const end = piece.position + characters.length;
  if (told && piece.attempt < told.attempt) return undefined;
  if (!told || piece.attempt > told.attempt) return bounded(begun(told, piece, end), most);
  if (piece.position > told.end) return bounded({ attempt: piece.attempt, start: piece.position, end, text: piece.text }, most);
  if (end <= told.end) return undefined;
  return bounded({ ...told, end, text: told.text + characters.slice(told.end - piece.position).join("") }, most);
}

/** Another telling: what stood before its first piece stays where the two join. */
function begun(told: LiveText | undefined, piece: Piece, end: number): LiveText {
  const { attempt, position, text } = piece;
  const isJoined = told && position > 0 && position >= told.start && position <= told.end;
  if (!isJoined) return { attempt, start: position, end, text };
  const kept = [...told.text].slice(0, position - told.start).join("");
  return { attempt, start: told.start, end, text: kept + text };
}

function bounded(told: LiveText, most: number): LiveText {
  const over = told.end - told.start - most;
  return over > 0 ? { ...told, start: told.start + over, text: [...told.text].slice(over).join("") } : told;
}
