/** A list of one's own rooms of one kind: read by HTTP, and kept live by what one's own room says of each. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Ago } from "../../components/moment";
import { ProgressBar } from "../../components/progress_bar";
import { Skeleton } from "../../components/skeleton";
import { counted } from "../../format/words";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { getAll } from "../../wire/http";
import { useOwn } from "./manner";
import { type Line, linesOf, type OwnRow } from "./own_lines";

interface OwnListProps {
  connection: Connection;
  kind: "concept" | "conversation" | "share" | "quote";
  path: string;
  label: string;
  nothing: string;
  statusWords?: Readonly<Record<string, string>>;
}

export function OwnList({ connection, kind, path, label, nothing, statusWords = {} }: OwnListProps): JSX.Element {
  const own = useOwn();
  const { rows, sentence, fetch } = useRows(connection, path, noted(own?.rooms, kind));
  if (!rows && !sentence) return <Skeleton lines={6} label="The list is being loaded" />;
  const lines = linesOf(kind, rows ?? [], own?.entries ?? {});
  return (
    <>
      {sentence && (
        <p class="notice" role="alert">
          {sentence}{" "}
          <button type="button" class="button button-quiet" onClick={fetch}>
            Try again
          </button>
        </p>
      )}
      {rows && lines.length === 0 && <p class="nothing">{nothing}</p>}
      <ul class="entries" aria-label={label}>
        {lines.map((line) => (
          <Entry key={line.room} line={line} words={statusWords} />
        ))}
      </ul>
    </>
  );
}

/** Another room in the own list, or one less: then the list is read anew. */
function noted(rooms: readonly { room: string }[] | undefined, kind: string): string {
  return (rooms ?? [])
    .map((one) => one.room)
    .filter((room) => room.startsWith(`${kind}:`))
    .join();
}

interface Rows {
  rows: readonly OwnRow[] | undefined;
  sentence: string;
  fetch: () => void;
}

function useRows(connection: Connection, path: string, key: string): Rows {
  const [rows, setRows] = useState<readonly OwnRow[] | undefined>(undefined);
  const [sentence, setSentence] = useState("");
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let isLeft = false;
    getAll<OwnRow>(path, connection.token).then(
      (read) => {
        if (isLeft) return;
        setRows(read);
        setSentence("");
      },
      (error: unknown) => {
        if (!isLeft) setSentence(error instanceof Error ? error.message : "The list cannot be read.");
      },
    );
    return () => void (isLeft = true);
  }, [connection, path, key, again]);
  return { rows, sentence, fetch: () => setAgain((count) => count + 1) };
}

function Entry({ line, words }: { line: Line; words: Readonly<Record<string, string>> }): JSX.Element {
  const { room, name, status, step, progress, at, unread } = line;
  return (
    <li class="entry entry-own">
      <a class="entry-link" href={hashOfRoom(room)}>
        <span class="entry-name">{name || "Without a name"}</span>
        {step && <span class="entry-category">{words[step] ?? step}</span>}
      </a>
      {unread > 0 && (
        <span class="unread" title={counted(unread, "unread entry", "unread entries")}>
          {unread > 99 ? "99+" : unread}
          <span class="visually-hidden"> unread</span>
        </span>
      )}
      {words[status] && <span class={`chip chip-of-${status.toLowerCase()}`}>{words[status]}</span>}
      {progress !== null ? (
        <span class="entry-running">
          <ProgressBar subject={room} percent={progress} label={`Progress of ${name}`} isMoving />
        </span>
      ) : (
        <span class="entry-facts">{at > 0 && <Ago at={at} />}</span>
      )}
    </li>
  );
}
