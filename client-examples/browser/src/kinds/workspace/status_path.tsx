/** Where a workspace stands on its way from soon to verified. */
import type { JSX } from "preact";
import { STATUS_WORDS, STATUSES } from "./words";
import type { Status } from "./types";
import { CheckMark } from "../../components/icons";

export function StatusChip({ status }: { status: Status }): JSX.Element {
  return <span class={`chip chip-${status}`}>{STATUS_WORDS[status]}</span>;
}

export function StatusPath({ status }: { status: Status }): JSX.Element {
  const reached = STATUSES.indexOf(status);
  return (
    <ol class="status-path" aria-label="Status">
      {STATUSES.map((step, index) => (
        <li
          key={step}
          class={index < reached ? "step-done" : index === reached ? "step-now" : "step-ahead"}
          aria-current={index === reached ? "step" : undefined}
        >
          <span class="step-dot" aria-hidden="true">
            {index < reached || status === "verified" ? <CheckMark /> : null}
          </span>
          <span class="step-word">{STATUS_WORDS[step]}</span>
        </li>
      ))}
    </ol>
  );
}
