/** A new workspace: one per pattern type. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";

/** domain/limits.py `Key`. */
const KEY = "[a-z0-9][a-z0-9_.\\-]*";

export function CreateDialog({ connection, onClose }: { connection: Connection; onClose: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [category, setCategory] = useState("");
  const [typed, setTyped] = useState("");
  const asking = useAsking();
  const patternType = typed || keyOf(name);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await asking.ask(async () => {
      const payload = { pattern_type: patternType, name: name.trim(), category: keyOf(category) };
      const { room } = await connection.give("workspace.create", payload);
      onClose();
      location.hash = hashOf({ page: "workspace", id: room.slice(room.indexOf(":") + 1) });
    });
  };
  return (
    <Dialog title="New workspace" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" value={name} onValue={setName} maxLength={200} isRequired />
        <Field
          label="Pattern type"
          hint="Small letters, digits, _ . and -. There is one workspace per type."
          value={patternType}
          onValue={setTyped}
          maxLength={64}
          input={{ pattern: KEY, autocapitalize: "none", spellcheck: false }}
          isRequired
        />
        <Field label="Category" hint="For example price_action." value={category} onValue={setCategory} maxLength={64} isRequired />
        <div class="actions">
          <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
            Create
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}

/** A name as a key: "Break of structure" -> "break_of_structure". */
export function keyOf(name: string): string {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9.-]+/g, "_");
  return plain.replace(/^[^a-z0-9]+|_+$/g, "").slice(0, 64);
}
