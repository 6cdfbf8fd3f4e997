/** The way in by a link: who has an account comes as themselves, others say what they are called. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking, useStore, useTitle } from "../../components/hooks";
import { Skeleton } from "../../components/skeleton";
import { ThemeToggle } from "../../components/theme_toggle";
import { pageClock } from "../../state/clock";
import { token as signedIn } from "../../state/session";
import { Connection, isUnauthorized, socketAddress } from "../../wire/connection";
import { type Entry, enterShare } from "./enter";
import { guestName, keepGuestName, keepGuestToken } from "./guest";
import { Over, SharePage } from "./page";

/** Whoever was let in and put out three times in a short while has come to an end. */
const MOST_ENTRIES = 3;
const SHORT_WHILE_MS = 30_000;
const NOT_TAKEN = "The server does not take what this link gave you. Open the link once more, or ask for a new one.";

export function LinkPage({ token }: { token: string }): JSX.Element {
  useTitle("Shared with you");
  const account = useStore(signedIn);
  const isGuest = account === "";
  const [entry, setEntry] = useState<Entry | undefined>(undefined);
  const entries = useRef<number[]>([]);
  const asking = useAsking();
  const enter = (name: string): Promise<boolean> =>
    asking.ask(async () => {
      entries.current = entries.current.filter((at) => performance.now() - at < SHORT_WHILE_MS);
      if (entries.current.length >= MOST_ENTRIES) throw new Error(NOT_TAKEN);
      const entered = await enterShare(token, name, account);
      if (isGuest) keepGuestToken(localStorage, entered.token);
      setEntry(entered);
      entries.current.push(performance.now());
    });
  const again = (): void => void enter(guestName(localStorage));
  const isKnown = !isGuest || guestName(localStorage) !== "" || asking.refusal !== "";
  useEffect(() => {
    if (isKnown) again();
  }, [token, account]);
  // The share may have come to its end together with the token: coming in again tells.
  const onOver = (): void => {
    setEntry(undefined);
    again();
  };
  if (entry) return <Entered key={entry.token} entry={entry} onOver={onOver} isGuest={isGuest} />;
  if (isKnown && asking.refusal) return <Over sentence={asking.refusal} isGuest={isGuest} onAgain={again} />;
  if (isKnown) return <Waiting />;
  const name = (given: string): void => {
    keepGuestName(localStorage, given);
    void enter(given);
  };
  return <NameForm onName={name} asking={asking} />;
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
  onName: (name: string) => void;
  asking: ReturnType<typeof useAsking>;
}

function NameForm({ onName, asking }: NameFormProps): JSX.Element {
  const [name, setName] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name.trim()) onName(name.trim());
  };
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <img src="./favicon.svg" alt="" width="48" height="48" />
        <h1>Something was shared with you</h1>
        <p class="hint">Say what your friends call you, and come in. No account is needed.</p>
        <form class="form" onSubmit={submit}>
          <Field
            label="Your name"
            value={name}
            onValue={setName}
            maxLength={200}
            input={{ autocomplete: "nickname" }}
            isRequired
          />
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
      {isGuest && (
        <p class="hint guest-hint">You are here as a guest. Your name and what you say are seen by everybody in this share.</p>
      )}
    </SharePage>
  );
}
