/** One's own concepts, shares and quotes, kept live, and the way to a new concept. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking, useStore, useTitle } from "../../components/hooks";
import { PlusMark } from "../../components/icons";
import { LinkState } from "../../components/link_state";
import { Brand, PageHead } from "../../components/page_head";
import { Sections } from "../../components/sections";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { OwnList } from "../person/own_list";
import { QUOTE_WORDS } from "../quote/words";
import { LISTED_WORDS, REQUEST_WORDS } from "./words";

type Shown = "concept" | "share" | "quote";

const TABS: Record<Shown, string> = { concept: "Concepts", share: "Shares", quote: "Quotes" };

export function ConceptListPage({ connection }: { connection: Connection }): JSX.Element {
  useTitle("Concepts");
  const [isCreating, setCreating] = useState(false);
  const [shown, setShown] = useState<Shown>("concept");
  return (
    <div class="list-page">
      <PageHead me={useStore(connection.actor)}>
        <Brand />
        <Sections page="concepts" />
        <LinkState link={useStore(connection.link)} />
      </PageHead>
      <main class="list-main list-narrow">
        <div class="list-head">
          <h1>Concepts</h1>
          <button type="button" class="button button-primary" onClick={() => setCreating(true)}>
            <PlusMark /> New concept
          </button>
        </div>
        <div class="status-filter list-tabs" role="group" aria-label="What to show">
          {(Object.keys(TABS) as Shown[]).map((one) => (
            <button key={one} type="button" class="filter" aria-pressed={one === shown} onClick={() => setShown(one)}>
              {TABS[one]}
            </button>
          ))}
        </div>
        <List key={shown} connection={connection} shown={shown} />
      </main>
      {isCreating && <CreateDialog connection={connection} onClose={() => setCreating(false)} />}
    </div>
  );
}

function List({ connection, shown }: { connection: Connection; shown: Shown }): JSX.Element {
  switch (shown) {
    case "concept":
      return (
        <OwnList
          connection={connection}
          kind="concept"
          path="/concepts"
          label="Concepts"
          nothing="There is no concept yet. Make the first one: a name is enough."
          statusWords={LISTED_WORDS}
        />
      );
    case "share":
      return (
        <OwnList
          connection={connection}
          kind="share"
          path="/shares"
          label="Shares"
          nothing="You share nothing yet. Open a concept and share it."
          statusWords={{ active: "Open", revoked: "Revoked", expired: "Expired" }}
        />
      );
    case "quote":
      return (
        <OwnList
          connection={connection}
          kind="quote"
          path="/quote-requests/asked"
          label="Quotes"
          nothing="Nobody has asked you for a quote, and you have asked nobody."
          statusWords={{ ...REQUEST_WORDS, ...QUOTE_WORDS }}
        />
      );
  }
}

function CreateDialog({ connection, onClose }: { connection: Connection; onClose: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await asking.ask(async () => {
      const { room } = await connection.give("concept.create", { name: name.trim(), description: description.trim() });
      onClose();
      location.hash = hashOfRoom(room);
    });
  };
  return (
    <Dialog title="New concept" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Name" value={name} onValue={setName} maxLength={200} isRequired />
        <Field label="Description" value={description} onValue={setDescription} lines={3} maxLength={20_000} />
        <div class="actions">
          <button type="submit" class="button button-primary" disabled={!name.trim()} aria-busy={asking.isAsking}>
            Create
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}
