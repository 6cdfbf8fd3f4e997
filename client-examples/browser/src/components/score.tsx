/** How sustainable something is: an open object, its numbers from 0 to 100 as bars, the rest as words. */
import type { JSX } from "preact";
import { plain, wordsOf } from "../format/words";
import type { OpenObject } from "../wire/types";

export function Score({ score }: { score: OpenObject }): JSX.Element {
  return (
    <dl class="score">
      {Object.entries(score).map(([key, value]) => (
        <div key={key}>
          <dt>{wordsOf(key)}</dt>
          <dd>{isShare(value) ? <Bar words={wordsOf(key)} value={value} /> : plain(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 100;
}

function Bar({ words, value }: { words: string; value: number }): JSX.Element {
  return (
    <span class="score-bar">
      <meter min={0} max={100} value={value} aria-label={words} />
      {Math.round(value)}
    </span>
  );
}
