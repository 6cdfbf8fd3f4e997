/** What the owner may do with a concept as a whole. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskButton, AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Panel } from "../../components/panel";
import { hashOf } from "../../state/route";
import type { ConceptRoom } from "./manner";
import type { Face } from "./types";

interface ManageConceptProps {
  concept: Face;
  room: ConceptRoom;
}

export function ManageConcept({ concept, room }: ManageConceptProps): JSX.Element {
  const [asked, setAsked] = useState<"details" | "delete" | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  return (
    <Panel title="Manage">
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={() => setAsked("details")}>
          Change name or description
        </button>
        <button type="button" class="button button-danger" onClick={() => setAsked("delete")}>
          Delete
        </button>
      </div>
      {asked === "details" && <DetailsDialog concept={concept} room={room} onClose={close} />}
      {asked === "delete" && <DeleteDialog room={room} onClose={close} />}
    </Panel>
  );
}

function DetailsDialog({ concept, room, onClose }: ManageConceptProps & { onClose: () => void }): JSX.Element {
  const [name, setName] = useState(concept.name);
  const [description, setDescription] = useState(concept.description);
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const details = { name: name.trim(), description: description.trim() };
    if (await asking.ask(() => room.give("change_details", details))) onClose();
  };
  return (
    <Dialog title="Name and description" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" value={name} onValue={setName} maxLength={200} isRequired />
        <Field label="Description" value={description} onValue={setDescription} lines={4} maxLength={20_000} />
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

function DeleteDialog({ room, onClose }: { room: ConceptRoom; onClose: () => void }): JSX.Element {
  const leave = (): void => {
    onClose();
    location.hash = hashOf({ page: "concepts" });
  };
  return (
    <Dialog title="Delete this concept" onClose={onClose}>
      <div class="form">
        <p>It goes for good, and its shares and open requests end with it.</p>
        <AskButton look="danger" command={() => room.give("delete", {})} onDone={leave}>
          Delete
        </AskButton>
      </div>
    </Dialog>
  );
}
