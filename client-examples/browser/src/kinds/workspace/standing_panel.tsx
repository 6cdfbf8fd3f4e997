/** Where the workspace stands, and what its reader may do about it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { percent } from "../../format/words";
import { offersOf } from "./allowed";
import type { Role } from "../../wire/connection";
import type { WorkspaceRoom } from "./manner";
import type { WorkspaceFace } from "./types";
import { AskButton, AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Ago } from "../../components/moment";
import { ReasonDialog } from "../../components/reason_dialog";
import { StatusPath } from "./status_path";

interface StandingPanelProps {
  workspace: WorkspaceFace;
  role: Role | undefined;
  room: WorkspaceRoom;
}

export function StandingPanel({ workspace, role, room }: StandingPanelProps): JSX.Element {
  const offers = offersOf(role, workspace);
  const [isDescribing, setDescribing] = useState(false);
  const [isReturning, setReturning] = useState(false);
  return (
    <div class="standing">
      <StatusPath status={workspace.status} />
      <div class="actions">
        {offers.describe && (
          <button type="button" class="button button-quiet" onClick={() => setDescribing(true)}>
            {workspace.description ? "Describe it anew" : "Describe the pattern"}
          </button>
        )}
        {offers.requestImplementation && (
          <AskButton look="primary" command={() => room.give("request_implementation", {})}>
            Request implementation
          </AskButton>
        )}
        {offers.approve && (
          <AskButton look="primary" command={() => room.give("approve", {})}>
            Approve
          </AskButton>
        )}
        {offers.verify && (
          <AskButton look="primary" command={() => room.give("verify", {})}>
            Verify
          </AskButton>
        )}
        {offers.returnToBeta && (
          <button type="button" class="button button-quiet" onClick={() => setReturning(true)}>
            Return to beta
          </button>
        )}
      </div>
      <Facts workspace={workspace} />
      {isDescribing && <DescribeDialog workspace={workspace} room={room} onClose={() => setDescribing(false)} />}
      {isReturning && (
        <ReasonDialog
          title="Return to beta"
          give={(reason) => room.give("return_to_beta", { reason })}
          onClose={() => setReturning(false)}
        />
      )}
    </div>
  );
}

function Facts({ workspace }: { workspace: WorkspaceFace }): JSX.Element {
  return (
    <dl class="facts">
      <div>
        <dt>Version</dt>
        <dd>{workspace.version}</dd>
      </div>
      <div>
        <dt>Right so far</dt>
        <dd>{workspace.success_rate === null ? "not tested" : percent(workspace.success_rate)}</dd>
      </div>
      <div>
        <dt>Sessions</dt>
        <dd>{workspace.session_count}</dd>
      </div>
      <div>
        <dt>Last tested</dt>
        <dd>{workspace.last_tested_at === null ? "never" : <Ago at={workspace.last_tested_at} />}</dd>
      </div>
    </dl>
  );
}

interface DescribeDialogProps {
  workspace: WorkspaceFace;
  room: WorkspaceRoom;
  onClose: () => void;
}

function DescribeDialog({ workspace, room, onClose }: DescribeDialogProps): JSX.Element {
  const [description, setDescription] = useState(workspace.description);
  const [reasoning, setReasoning] = useState(workspace.reasoning);
  const [steps, setSteps] = useState(workspace.steps.join("\n"));
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const lines = steps.split("\n").map((line) => line.trim());
    const payload = { description: description.trim(), reasoning: reasoning.trim(), steps: lines.filter(Boolean) };
    if (await asking.ask(() => room.give("submit_description", payload))) onClose();
  };
  return (
    <Dialog title="Describe the pattern" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="What it is" value={description} onValue={setDescription} lines={4} maxLength={20_000} isRequired />
        <Field label="Why it matters" value={reasoning} onValue={setReasoning} lines={2} maxLength={20_000} />
        <Field label="How you recognise it" hint="One step per line." value={steps} onValue={setSteps} lines={4} />
        <div class="actions">
          <button type="submit" class="button button-primary" disabled={!description.trim()} aria-busy={asking.isAsking}>
            Submit
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}
