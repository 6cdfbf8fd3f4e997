/** The way in by a link: who has an account comes as themselves, others say what they are called. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking, useStore, useTitle } from "../../components/hooks";
import { Skeleton } from "../../components/skeleton";
import { ThemeToggle } from "../../components/theme_toggle";
import { pageClock } from "../../state/clock";
import { token as signedIn } from "../../state/session";
import { Connection, isUnauthorized, socketAddress } from "../../wire/connection";
import { type Entry, enterShare } from "./enter";
import { guestName, keepGuestName } from "./guest";
import { Over, SharePage } from "./page";

export function LinkPage({ token }: { token: string }): JSX.Element {
  useTitle("Shared with you");
  const account = useStore(signedIn);
  const [name, setName] = useState(() => guestName(localStorage));
  const [entry, setEntry] = useState<Entry | undefined>(undefined);
  const asking = useAsking();
  const enter = (as: string): Promise<boolean> => asking.ask(async () => setEntry(await enterShare(token, as, account)));
  const isKnown = account !== "" || name !== "";
  useEffect(() => {
    if (isKnown) void enter(name);
  }, [token, account]);
  if (entry) return <Entered entry={entry} onOver={() => setEntry(undefined)} isGuest={account === ""} />;
  if (isKnown && asking.isAsking) return <Waiting />;
  if (isKnown && asking.refusal) return <Over sentence={asking.refusal} isGuest={account === ""} />;
  return (
    <NameForm
      onName={async (given) => {
        if (await enter(given)) {
          keepGuestName(localStorage, given);
          setName(given);
        }
      }}
      asking={asking}
    />
  );
}

function Waiting(): JSX.Element {
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <Skeleton lines={4} label="The share is being opened" />
      </div>
    </main>
  );
}

interface NameFormProps {
  onName: (name: string) => Promise<void>;
  asking: ReturnType<typeof useAsking>;
}

function NameForm({ onName, asking }: NameFormProps): JSX.Element {
  const [name, setName] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name.trim()) void onName(name.trim());
  };
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <img src="./favicon.svg" alt="" width="48" height="48" />
        <h1>Something was shared with you</h1>
        <p class="hint">Say what your friends call you, and come in. No account is needed.</p>
        <form class="form" onSubmit={submit}>
          <Field label="Your name" value={name} onValue={setName} maxLength={200} input={{ autocomplete: "nickname" }} isRequired />
          <button type="submit" class="button button-primary" aria-busy={asking.isAsking} disabled={!name.trim()}>
            Come in
          </button>
          <AskState asking={asking} />
        </form>
      </div>
      <ThemeToggle />
    </main>
  );
}

interface EnteredProps {
  entry: Entry;
  /** The server takes the token no longer. */
  onOver: () => void;
  isGuest: boolean;
}

function Entered({ entry, onOver, isGuest }: EnteredProps): JSX.Element {
  const [connection, setConnection] = useState<Connection | undefined>(undefined);
  useEffect(() => {
    const opened = new Connection(socketAddress(location), entry.token, pageClock);
    const watch = opened.link.subscribe(() => {
      if (isUnauthorized(opened.link.get())) onOver();
    });
    opened.connect();
    setConnection(opened);
    return () => {
      watch();
      opened.close();
    };
  }, [entry.token]);
  if (!connection) return <Waiting />;
  return (
    <SharePage connection={connection} id={entry.room.slice(entry.room.indexOf(":") + 1)}>
      {isGuest && <p class="hint guest-hint">You are here as a guest. Your name and what you say are seen by everybody in this share.</p>}
    </SharePage>
  );
}
