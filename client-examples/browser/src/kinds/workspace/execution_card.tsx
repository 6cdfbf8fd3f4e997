/** One execution of Claude as it stands: what it is doing, how far it is, its phases and checkpoints, its deploy. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { duration } from "../../format/time";
import { counted } from "../../format/words";
import { EXECUTION_WORDS, PHASE_WORDS, PHASES } from "./words";
import { executionOffersOf } from "./allowed";
import type { Role } from "../../wire/connection";
import type { WorkspaceRoom } from "./manner";
import type { LiveText } from "../../wire/live_text";
import type { Execution, Phase } from "./types";
import { AskButton } from "../../components/ask_button";
import { DeployState } from "./deploy_state";
import { useNow } from "../../components/hooks";
import { CheckMark, ClaudeMark, FlagMark } from "../../components/icons";
import { Moment } from "../../components/moment";
import { ProgressBar } from "../../components/progress_bar";
import { ReasonDialog } from "../../components/reason_dialog";

interface ExecutionCardProps {
  execution: Execution;
  note: string;
  log: LiveText | undefined;
  role: Role | undefined;
  room: WorkspaceRoom;
}

export function ExecutionCard({ execution, note, log, role, room }: ExecutionCardProps): JSX.Element {
  const isRunning = execution.status === "running";
  return (
    <article class={`execution execution-${execution.status}`} aria-label={`Execution: ${EXECUTION_WORDS[execution.status]}`}>
      <header class="execution-head">
        <span class="execution-mark" aria-hidden="true">
          <ClaudeMark />
        </span>
        <strong>{EXECUTION_WORDS[execution.status]}</strong>
        <span class="execution-time">
          <Elapsed execution={execution} />
        </span>
      </header>
      <div class="execution-bar">
        <ProgressBar
          subject={execution.id}
          percent={execution.progress}
          label="Progress of Claude's work"
          isMoving={isRunning}
        />
        <output class="execution-percent">{execution.progress} %</output>
      </div>
      {isRunning && <p class="execution-note">{note || saying(execution)}</p>}
      {execution.error && <p class="execution-error">{execution.error}</p>}
      <Phases execution={execution} />
      <Checkpoints execution={execution} />
      {execution.deploy_status && <DeployState execution={execution} log={log} />}
      <ExecutionActions execution={execution} role={role} room={room} />
    </article>
  );
}

function ExecutionActions({ execution, role, room }: Pick<ExecutionCardProps, "execution" | "role" | "room">): JSX.Element {
  const offers = executionOffersOf(role, execution);
  const execution_id = execution.id;
  const [asked, setAsked] = useState<"stop" | "cancel" | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  return (
    <div class="actions">
      {offers.stop && (
        <button type="button" class="button button-danger" onClick={() => setAsked("stop")}>
          Stop
        </button>
      )}
      {offers.retry && (
        <AskButton look="primary" command={() => room.give("retry_execution", { execution_id })}>
          Try again
        </AskButton>
      )}
      {offers.cancelDeploy && (
        <button type="button" class="button button-danger" onClick={() => setAsked("cancel")}>
          Cancel the deploy
        </button>
      )}
      {asked === "stop" && (
        <ReasonDialog
          title="Stop the work"
          look="danger"
          give={(reason) => room.give("fail_execution", { execution_id, error: reason || "no reason given" })}
          onClose={close}
        />
      )}
      {asked === "cancel" && (
        <ReasonDialog
          title="Cancel the deploy"
          look="danger"
          give={(reason) => room.give("cancel_deploy", { execution_id, reason })}
          onClose={close}
        />
      )}
    </div>
  );
}

function saying(execution: Execution): string {
  return execution.phase ? `${PHASE_WORDS[execution.phase]} …` : "Getting ready …";
}

/** Running: for how long; ended: how long it took. */
function Elapsed({ execution }: { execution: Execution }): JSX.Element | null {
  const now = useNow(1_000);
  if (execution.started_at === null) return <Moment at={execution.triggered_at} />;
  const end = execution.completed_at ?? execution.errored_at ?? now;
  return <>{duration(end - execution.started_at)}</>;
}

export function Phases({ execution }: { execution: Execution }): JSX.Element {
  return (
    <ol class="phases" aria-label="Phases">
      {PHASES.map((phase) => (
        <PhaseStep key={phase} phase={phase} execution={execution} />
      ))}
    </ol>
  );
}

function PhaseStep({ phase, execution }: { phase: Phase; execution: Execution }): JSX.Element {
  const span = execution.phases[phase];
  const isNow = execution.phase === phase && execution.status === "running";
  const look = isNow ? "phase-now" : span ? "phase-done" : "phase-ahead";
  return (
    <li class={`phase ${look}`} aria-current={isNow ? "step" : undefined}>
      <span class="phase-dot" aria-hidden="true">
        {span && !isNow ? <CheckMark /> : null}
      </span>
      <span class="phase-word">{PHASE_WORDS[phase]}</span>
      {span && span.rounds > 1 && <span class="phase-rounds">{span.rounds} rounds</span>}
      {span?.completed_at && !isNow ? (
        <span class="phase-time">{duration(span.completed_at - span.started_at)}</span>
      ) : null}
    </li>
  );
}

const SHOWN_CHECKPOINTS = 3;

function Checkpoints({ execution }: { execution: Execution }): JSX.Element | null {
  const { checkpoints } = execution;
  if (checkpoints.length === 0) return null;
  const newest = checkpoints.slice(-SHOWN_CHECKPOINTS);
  const hidden = checkpoints.length - newest.length;
  return (
    <div class="checkpoints">
      <h4>Checkpoints</h4>
      <ul>
        {newest.map((one) => (
          <li key={one.id}>
            <FlagMark />
            <span>{one.title}</span>
            <Moment at={one.at} />
          </li>
        ))}
      </ul>
      {hidden > 0 && <p class="hint">{counted(hidden, "earlier one")} in the timeline</p>}
    </div>
  );
}
