/** Test sessions: start one, and say at its end how much was right. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { percent } from "../../format/words";
import type { WorkspaceRoom } from "./manner";
import type { Session } from "./types";
import { AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Ago } from "../../components/moment";

interface SessionsPanelProps {
  sessions: readonly Session[];
  room: WorkspaceRoom;
  canWrite: boolean;
}

/** As many as the view gives. */
const SHOWN = 5;

export function SessionsPanel({ sessions, room, canWrite }: SessionsPanelProps): JSX.Element {
  const newest = [...sessions].sort((a, b) => b.created_at - a.created_at).slice(0, SHOWN);
  return (
    <div class="sessions">
      {newest.length === 0 && <p class="hint">No session yet.</p>}
      <ul class="session-items" aria-label="Newest sessions">
        {newest.map((session) => (
          <SessionItem key={session.id} session={session} room={room} canWrite={canWrite} />
        ))}
      </ul>
      {canWrite && <NewSession room={room} />}
    </div>
  );
}

function SessionItem({ session, room, canWrite }: { session: Session; room: WorkspaceRoom; canWrite: boolean }): JSX.Element {
  return (
    <li class="session-item">
      <span class="session-name">{session.name}</span>
      <span class="hint">
        {session.success_rate !== null && `${percent(session.success_rate)} right · `}
        <Ago at={session.completed_at ?? session.created_at} />
      </span>
      {canWrite && session.status === "active" && <CompleteSession session={session} room={room} />}
    </li>
  );
}

function CompleteSession({ session, room }: { session: Session; room: WorkspaceRoom }): JSX.Element {
  const [rate, setRate] = useState("");
  const asking = useAsking();
  const submit = (event: Event): void => {
    event.preventDefault();
    const success_rate = rate === "" ? null : Number(rate) / 100;
    void asking.ask(() => room.give("complete_session", { session_id: session.id, success_rate }));
  };
  return (
    <form class="form form-line" onSubmit={submit}>
      <Field
        label={`Right in “${session.name}”, %`}
        value={rate}
        onValue={setRate}
        input={{ type: "number", min: 0, max: 100, step: 1, inputMode: "numeric" }}
      />
      <button type="submit" class="button button-quiet" aria-busy={asking.isAsking}>
        Complete
      </button>
      <AskState asking={asking} />
    </form>
  );
}

function NewSession({ room }: { room: WorkspaceRoom }): JSX.Element {
  const [name, setName] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await asking.ask(() => room.give("create_session", { name: name.trim() }))) setName("");
  };
  return (
    <form class="form form-line" onSubmit={(event) => void submit(event)}>
      <Field label="New session" value={name} onValue={setName} maxLength={200} isRequired />
      <button type="submit" class="button button-quiet" aria-busy={asking.isAsking} disabled={!name.trim()}>
        Start
      </button>
      <AskState asking={asking} />
    </form>
  );
}
