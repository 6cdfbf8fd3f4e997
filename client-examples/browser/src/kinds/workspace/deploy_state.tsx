import type { JSX } from "preact";
import { DEPLOY_WORDS } from "./words";
import type { LiveText } from "../../wire/live_text";
import type { Execution } from "./types";
import { RocketMark } from "../../components/icons";

export function DeployState({ execution, log }: { execution: Execution; log: LiveText | undefined }): JSX.Element | null {
  const status = execution.deploy_status;
  if (!status) return null;
  return (
    <section class={`deploy deploy-${status}`} aria-label="Deploy">
      <p class="deploy-line">
        <RocketMark />
        <span>
          Deploy{execution.deploy_attempt > 1 ? ` ${execution.deploy_attempt}` : ""}: <strong>{DEPLOY_WORDS[status]}</strong>
        </span>
        {isWebAddress(execution.deploy_url) && (
          <a href={execution.deploy_url} target="_blank" rel="noopener noreferrer">
            Open
          </a>
        )}
      </p>
      {log && (
        <details class="deploy-log">
          <summary>Log</summary>
          <pre tabIndex={0}>{log.start > 0 ? `… ${log.text}` : log.text}</pre>
        </details>
      )}
    </section>
  );
}

/** A bot names the address; only one that a browser may open safely becomes a link. */
function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address);
}
