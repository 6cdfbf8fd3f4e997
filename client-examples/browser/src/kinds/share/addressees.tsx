/** Whom a share names: told to its owner alone, by HTTP, for mail addresses stand in no room. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Skeleton } from "../../components/skeleton";
import { nameOf } from "../../format/words";
import type { Connection } from "../../wire/connection";
import { bearer, getJson, postJson } from "../../wire/http";
import type { Actor } from "../../wire/types";

interface Named {
  people: Actor[];
  addresses: string[];
}

interface AddresseesDialogProps {
  connection: Connection;
  shareId: string;
  onClose: () => void;
}

export function AddresseesDialog({ connection, shareId, onClose }: AddresseesDialogProps): JSX.Element {
  const [named, setNamed] = useState<Named | undefined>(undefined);
  const reading = useAsking();
  const path = `/shares/${shareId}/addressees`;
  useEffect(() => {
    void reading.ask(async () => setNamed(await getJson<Named>(path, connection.token)));
  }, [path]);
  return (
    <Dialog title="Friends by name" onClose={onClose}>
      {named ? (
        <Form connection={connection} path={path} named={named} onClose={onClose} />
      ) : (
        <Skeleton lines={3} label="Whom the share names is being loaded" />
      )}
      <AskState asking={reading} />
    </Dialog>
  );
}

interface FormProps {
  connection: Connection;
  path: string;
  named: Named;
  onClose: () => void;
}

function Form({ connection, path, named, onClose }: FormProps): JSX.Element {
  const [kept, setKept] = useState<readonly string[]>(() => named.people.map((person) => person.id));
  const [addresses, setAddresses] = useState(() => named.addresses.join("\n"));
  const asking = useAsking();
  const toggle = (id: string): void => setKept(kept.includes(id) ? kept.filter((one) => one !== id) : [...kept, id]);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wish = { command_id: connection.newCommandId(), shared_with: [...kept, ...friendsOf(addresses)] };
    if (await asking.ask(() => postJson(path, wish, bearer(connection.token)))) onClose();
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      {named.people.length > 0 && (
        <fieldset class="roles">
          <legend>People</legend>
          {named.people.map((person) => (
            <label key={person.id} class="role">
              <input type="checkbox" checked={kept.includes(person.id)} onChange={() => toggle(person.id)} />
              {nameOf(person)}
            </label>
          ))}
        </fieldset>
      )}
      <Field
        label="Mail addresses"
        hint="One per line. Who is no longer named is put out at once."
        value={addresses}
        onValue={setAddresses}
        lines={3}
      />
      <div class="actions">
        <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
          Save
        </button>
        <AskState asking={asking} />
      </div>
    </form>
  );
}

/** Addresses as people write them down: one per line, or with commas. */
export function friendsOf(lines: string): string[] {
  return [...new Set(lines.split(/[\s,;]+/).filter(Boolean))];
}
