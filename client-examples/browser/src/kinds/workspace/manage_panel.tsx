/** What admins, and the one who made a workspace, may do with it as a whole. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type ManageOffers, manageOffersOf } from "./allowed";
import type { Role } from "../../wire/connection";
import type { WorkspaceRoom } from "./manner";
import type { WorkspaceFace } from "./types";
import { AskButton, AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";

interface ManagePanelProps {
  workspace: WorkspaceFace;
  role: Role | undefined;
  me: string;
  room: WorkspaceRoom;
}

export function ManagePanel(props: ManagePanelProps): JSX.Element | null {
  const offers = manageOffersOf(props.role, props.workspace, props.me);
  return Object.values(offers).some(Boolean) ? <Offered {...props} offers={offers} /> : null;
}

type Asked = "details" | "version" | "remove";

function Offered({ workspace, room, offers }: ManagePanelProps & { offers: ManageOffers }): JSX.Element {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  const opens = (what: Asked, words: string): JSX.Element => (
    <button type="button" class="button button-quiet" onClick={() => setAsked(what)}>
      {words}
    </button>
  );
  return (
    <section class="panel" aria-label="Manage">
      <h2>Manage</h2>
      <div class="actions">
        {offers.details && opens("details", "Rename")}
        {offers.version && opens("version", "Set version")}
        {offers.remove && opens("remove", "Archive or delete")}
        {offers.reopen && <AskButton command={() => room.give("reopen", {})}>Reopen</AskButton>}
      </div>
      {asked === "details" && <DetailsDialog workspace={workspace} room={room} onClose={close} />}
      {asked === "version" && <VersionDialog workspace={workspace} room={room} onClose={close} />}
      {asked === "remove" && <RemoveDialog workspace={workspace} room={room} onClose={close} />}
    </section>
  );
}

interface ManageDialogProps {
  workspace: WorkspaceFace;
  room: WorkspaceRoom;
  onClose: () => void;
}

function DetailsDialog({ workspace, room, onClose }: ManageDialogProps): JSX.Element {
  const [name, setName] = useState(workspace.name);
  const [category, setCategory] = useState(workspace.category);
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const payload = { name: name.trim(), category: category.trim() };
    if (await asking.ask(() => room.give("change_details", payload))) onClose();
  };
  return (
    <Dialog title="Rename" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" value={name} onValue={setName} maxLength={200} isRequired />
        <Field label="Category" value={category} onValue={setCategory} maxLength={64} isRequired />
        <div class="actions">
          <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
            Save
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}

function VersionDialog({ workspace, room, onClose }: ManageDialogProps): JSX.Element {
  const [version, setVersion] = useState(workspace.version);
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await asking.ask(() => room.give("set_version", { version: version.trim() }))) onClose();
  };
  return (
    <Dialog title="Set version" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Version" hint="Three numbers; versions only rise." value={version} onValue={setVersion} isRequired />
        <div class="actions">
          <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
            Set version
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}

function RemoveDialog({ workspace, room, onClose }: ManageDialogProps): JSX.Element {
  const isKept = workspace.session_count > 0 || workspace.feedback_count > 0;
  const words = isKept ? "Archive" : "Delete";
  return (
    <Dialog title={`${words} this workspace`} onClose={onClose}>
      <div class="form">
        <p>
          {isKept
            ? "It holds sessions or feedback, so it is archived: nobody can change it until it is reopened."
            : "It holds neither sessions nor feedback, so it is deleted for good."}
        </p>
        <AskButton look="danger" command={() => room.give("delete", {})} onDone={onClose}>
          {words}
        </AskButton>
      </div>
    </Dialog>
  );
}
