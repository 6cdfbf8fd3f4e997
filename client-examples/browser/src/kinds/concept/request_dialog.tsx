/** Asking artisans for offers: whom, what for, until when. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { localMoment, momentOf } from "../../format/time";
import { counted } from "../../format/words";
import { pageClock } from "../../state/clock";
import type { Connection } from "../../wire/connection";
import { getJson, type Page } from "../../wire/http";
import type { ConceptRoom } from "./manner";
import type { Match } from "./types";

interface Seller {
  id: string;
  name: string;
}

interface RequestDialogProps {
  connection: Connection;
  room: ConceptRoom;
  matches: readonly Match[];
  onClose: () => void;
}

const DAY_MS = 24 * 60 * 60_000;
const OPEN_DAYS = 14;

export function RequestDialog({ connection, room, matches, onClose }: RequestDialogProps): JSX.Element {
  const [chosen, setChosen] = useState<readonly Seller[]>(() => matches.map(({ seller_id: id, name }) => ({ id, name })));
  const [message, setMessage] = useState("");
  const [until, setUntil] = useState(() => localMoment(pageClock.nowMs() + OPEN_DAYS * DAY_MS));
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wish = { sellers: chosen.map((one) => one.id), message: message.trim(), expires_at: momentOf(until) };
    if (await asking.ask(() => room.give("request_quotes", wish))) onClose();
  };
  return (
    <Dialog title="Ask for quotes" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Sellers connection={connection} matches={matches} chosen={chosen} onChosen={setChosen} />
        <Field label="What should they know?" value={message} onValue={setMessage} lines={3} maxLength={20_000} />
        <Field label="Open until" value={until} onValue={setUntil} input={{ type: "datetime-local" }} isRequired />
        <div class="actions">
          <button type="submit" class="button button-primary" disabled={chosen.length === 0} aria-busy={asking.isAsking}>
            Ask {counted(chosen.length, "artisan")}
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}

interface SellersProps {
  connection: Connection;
  matches: readonly Match[];
  chosen: readonly Seller[];
  onChosen: (sellers: readonly Seller[]) => void;
}

function Sellers({ connection, matches, chosen, onChosen }: SellersProps): JSX.Element {
  const [search, setSearch] = useState("");
  const found = useFound(connection, search.trim());
  const isChosen = (id: string): boolean => chosen.some((one) => one.id === id);
  const toggle = (seller: Seller): void =>
    onChosen(isChosen(seller.id) ? chosen.filter((one) => one.id !== seller.id) : [...chosen, seller]);
  const offered = new Map<string, Seller>([...matches.map(sellerOf), ...chosen, ...found].map((one) => [one.id, one]));
  return (
    <fieldset class="roles">
      <legend>Whom</legend>
      <div class="seller-choice">
        {[...offered.values()].map((seller) => (
          <label key={seller.id} class="role">
            <input type="checkbox" checked={isChosen(seller.id)} onChange={() => toggle(seller)} />
            {seller.name || "An artisan"}
          </label>
        ))}
      </div>
      <Field label="Find an artisan" value={search} onValue={setSearch} input={{ type: "search", placeholder: "Name" }} />
    </fieldset>
  );
}

function sellerOf({ seller_id: id, name }: Match): Seller {
  return { id, name };
}

/** Typing is waited for. */
const SEARCH_AFTER_MS = 250;

function useFound(connection: Connection, search: string): readonly Seller[] {
  const [found, setFound] = useState<readonly Seller[]>([]);
  useEffect(() => {
    if (!search) return setFound([]);
    let isLeft = false;
    const timer = setTimeout(() => {
      const path = `/sellers?${new URLSearchParams({ q: search, limit: "8" })}`;
      getJson<Page<Seller>>(path, connection.token).then(
        (page) => void (isLeft || setFound(page.items)),
        () => void (isLeft || setFound([])),
      );
    }, SEARCH_AFTER_MS);
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [connection, search]);
  return found;
}
