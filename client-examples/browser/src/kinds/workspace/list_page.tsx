/** The list of workspaces, kept live. */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { CreateDialog } from "./create_dialog";
import { Field } from "../../components/field";
import { useStore, useTitle } from "../../components/hooks";
import { PlusMark } from "../../components/icons";
import { LinkState } from "../../components/link_state";
import { Ago } from "../../components/moment";
import { Brand, PageHead } from "../../components/page_head";
import { ProgressBar } from "../../components/progress_bar";
import { Sections } from "../../components/sections";
import { Skeleton } from "../../components/skeleton";
import { StatusChip } from "./status_path";
import { counted, percent } from "../../format/words";
import { PHASE_WORDS, STATUS_WORDS, STATUSES } from "./words";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { type Directory, WorkspaceList } from "./directory";
import type { Status, WorkspaceEntry } from "./types";

export function WorkspacesPage({ connection }: { connection: Connection }): JSX.Element {
  useTitle("Workspaces");
  const list = useMemo(() => new WorkspaceList(connection), [connection]);
  useEffect(() => () => list.close(), [list]);
  const directory = useStore(list.directory);
  const link = useStore(connection.link);
  const me = useStore(connection.actor);
  const [isCreating, setCreating] = useState(false);
  return (
    <div class="list-page">
      <PageHead me={me}>
        <Brand />
        <Sections page="workspaces" />
        <LinkState link={link} />
      </PageHead>
      <main class="list-main">
        <div class="list-head">
          <h1>Workspaces</h1>
          <button type="button" class="button button-primary" onClick={() => setCreating(true)}>
            <PlusMark /> New workspace
          </button>
        </div>
        <Listed directory={directory} list={list} />
      </main>
      {isCreating && <CreateDialog connection={connection} onClose={() => setCreating(false)} />}
    </div>
  );
}

function Listed({ directory, list }: { directory: Directory; list: WorkspaceList }): JSX.Element {
  const [status, setStatus] = useState<Status | "all">("all");
  const [search, setSearch] = useState("");
  if (directory.is === "loading") return <Skeleton lines={8} label="The list is being loaded" />;
  const open = directory.entries.filter((entry) => !entry.is_archived);
  const shown = sorted(open.filter((entry) => isWanted(entry, status, search)));
  return (
    <>
      {directory.is === "failed" && (
        <p class="notice" role="alert">
          {directory.sentence}{" "}
          <button type="button" class="button button-quiet" onClick={() => void list.fetch()}>
            Try again
          </button>
        </p>
      )}
      <div class="filters">
        <StatusFilter entries={open} status={status} onStatus={setStatus} />
        <Field label="Find" value={search} onValue={setSearch} input={{ type: "search", placeholder: "Name or category" }} />
      </div>
      {shown.length === 0 && directory.is === "known" && <Nothing isFiltered={open.length > 0} />}
      <ul class="entries" aria-label="Workspaces">
        {shown.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  return (
    <p class="nothing">
      {isFiltered ? "No workspace is like that." : "There is no workspace yet. Make the first one: a pattern, its name, its category."}
    </p>
  );
}

interface StatusFilterProps {
  entries: readonly WorkspaceEntry[];
  status: Status | "all";
  onStatus: (status: Status | "all") => void;
}

function StatusFilter({ entries, status, onStatus }: StatusFilterProps): JSX.Element {
  const count = (one: Status | "all"): number => (one === "all" ? entries : entries.filter((e) => e.status === one)).length;
  return (
    <div class="status-filter" role="group" aria-label="Show by status">
      {(["all", ...STATUSES] as const).map((one) => (
        <button key={one} type="button" class="filter" aria-pressed={status === one} onClick={() => onStatus(one)}>
          {one === "all" ? "All" : STATUS_WORDS[one]} <span class="filter-count">{count(one)}</span>
        </button>
      ))}
    </div>
  );
}

function Entry({ entry }: { entry: WorkspaceEntry }): JSX.Element {
  return (
    <li class="entry">
      <a class="entry-link" href={hashOf({ page: "workspace", id: entry.id })}>
        <span class="entry-name">{entry.name}</span>
        <span class="entry-category">{entry.category}</span>
      </a>
      <StatusChip status={entry.status} />
      {entry.execution_id ? <Running entry={entry} /> : <Tested entry={entry} />}
    </li>
  );
}

function Running({ entry }: { entry: WorkspaceEntry }): JSX.Element {
  const { phase, progress } = entry;
  return (
    <span class="entry-running">
      <ProgressBar
        subject={entry.execution_id ?? ""}
        percent={progress ?? 0}
        label={`Progress of Claude's work on ${entry.name}`} isMoving />
      <span class="entry-phase">
        {phase ? PHASE_WORDS[phase] : "Starting"}, {progress ?? 0} %
      </span>
    </span>
  );
}

function Tested({ entry }: { entry: WorkspaceEntry }): JSX.Element {
  return (
    <span class="entry-facts">
      <span>v{entry.version}</span>
      <span>{entry.success_rate === null ? "not tested" : `${percent(entry.success_rate)} right`}</span>
      <span>{counted(entry.session_count, "session")}</span>
      {entry.last_tested_at !== null && <Ago at={entry.last_tested_at} />}
    </span>
  );
}

function isWanted(entry: WorkspaceEntry, status: Status | "all", search: string): boolean {
  if (status !== "all" && entry.status !== status) return false;
  return `${entry.name} ${entry.category} ${entry.pattern_type}`.toLowerCase().includes(search.trim().toLowerCase());
}

/** What runs stands first, then by name: a list that is read should not jump with every change. */
function sorted(entries: readonly WorkspaceEntry[]): WorkspaceEntry[] {
  return [...entries].sort((a, b) => Number(Boolean(b.execution_id)) - Number(Boolean(a.execution_id)) || a.name.localeCompare(b.name));
}
