/** Where something will be that is not known yet: never an empty list for "unknown". */
import type { JSX } from "preact";

export function Skeleton({ lines, label }: { lines: number; label: string }): JSX.Element {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class={`skeleton-line skeleton-line-${index % 3}`} aria-hidden="true" />
      ))}
    </div>
  );
}
