/** A workspace: its timeline, what Claude is doing, and what its reader may do. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Composer } from "../../components/composer";
import { ExecutionCard } from "./execution_card";
import { FeedbackPanel } from "./feedback_panel";
import { useRoom, useStore, useTitle } from "../../components/hooks";
import { LinkState } from "../../components/link_state";
import { ManagePanel } from "./manage_panel";
import { type Back, PageHead, RoomTitle } from "../../components/page_head";
import { Panel } from "../../components/panel";
import { Faces, PeopleList } from "../../components/people";
import { ProgressBar } from "../../components/progress_bar";
import { Refused } from "../../components/refused";
import { SessionsPanel } from "./sessions_panel";
import { Skeleton } from "../../components/skeleton";
import { StandingPanel } from "./standing_panel";
import { StatusChip } from "./status_path";
import { Timeline } from "./timeline";
import { counted } from "../../format/words";
import { EXECUTION_WORDS, PHASE_WORDS } from "./words";
import type { Connection } from "../../wire/connection";
import { isActive } from "./fold_executions";
import { currentExecution } from "./fold";
import { WORKSPACE, type WorkspacePicture, type WorkspaceRoom } from "./manner";
import type { Actor } from "../../wire/types";
import type { Execution } from "./types";

const BACK: Back = { href: "#/", words: "All workspaces" };

export function WorkspacePage({ connection, id }: { connection: Connection; id: string }): JSX.Element {
  const [room, picture] = useRoom(connection, WORKSPACE, `workspace:${id}`);
  const link = useStore(connection.link);
  const me = useStore(connection.actor);
  const [isAsideOpen, setAsideOpen] = useState(false);
  useTitle(picture.state?.workspace.name ?? "Workspace");
  return (
    <div class={`room-page ${isAsideOpen ? "aside-open" : ""}`}>
      <PageHead me={me}>
        <Title picture={picture} />
        <div class="room-now">
          <Faces people={picture.people} />
          <LinkState link={link} following={picture.following} behind={picture.behind} />
        </div>
      </PageHead>
      <Strip picture={picture} isAsideOpen={isAsideOpen} onToggle={() => setAsideOpen(!isAsideOpen)} />
      <main class="room-main">
        <Refused following={picture.following} back={BACK} />
        <Timeline picture={picture} room={room} me={me} />
        <Composer
          onSend={(text) => void room.say("post", { text }, text)}
          onTyping={() => room.signalTyping()}
          closedBecause={closedBecause(picture)}
          typing={picture.typing}
        />
      </main>
      <Aside picture={picture} room={room} me={me} />
    </div>
  );
}

function Title({ picture }: { picture: WorkspacePicture }): JSX.Element {
  const workspace = picture.state?.workspace;
  return (
    <RoomTitle back={BACK} name={workspace?.name ?? "Workspace"}>
      {workspace && <StatusChip status={workspace.status} />}
      {workspace?.is_archived && <span class="chip">Archived</span>}
    </RoomTitle>
  );
}

function closedBecause({ following, role, state }: WorkspacePicture): string {
  if (following.is === "refused") return "You are not in this room.";
  if (state?.workspace.is_archived) return "This workspace is archived.";
  return role === "viewer" ? "You are a viewer here: you see everything as it happens, and members write." : "";
}

interface StripProps {
  picture: WorkspacePicture;
  isAsideOpen: boolean;
  onToggle: () => void;
}

/** On a narrow screen: the work that is going on, in one line, and the way to everything else. */
function Strip({ picture, isAsideOpen, onToggle }: StripProps): JSX.Element {
  const execution = picture.state ? currentExecution(picture.state) : undefined;
  return (
    <div class="strip">
      {execution && isActive(execution) ? <StripProgress execution={execution} /> : <span class="strip-rest" />}
      <button type="button" class="button button-quiet" aria-expanded={isAsideOpen} aria-controls="aside" onClick={onToggle}>
        {isAsideOpen ? "Timeline" : "Details"}
      </button>
    </div>
  );
}

function StripProgress({ execution }: { execution: Execution }): JSX.Element {
  const words = execution.phase ? PHASE_WORDS[execution.phase] : EXECUTION_WORDS[execution.status];
  return (
    <span class="strip-work">
      <span class="strip-words">
        Claude: {words}, {execution.progress} %
      </span>
      <ProgressBar subject={execution.id} percent={execution.progress} label="Claude's progress" isMoving />
    </span>
  );
}

function Aside({ picture, room, me }: { picture: WorkspacePicture; room: WorkspaceRoom; me: Actor | undefined }): JSX.Element {
  const { state, role, people, peopleCount } = picture;
  if (!state) {
    return (
      <aside class="aside" id="aside" aria-label="Details">
        {picture.following.is !== "refused" && <Skeleton lines={8} label="The workspace is being loaded" />}
      </aside>
    );
  }
  const canWrite = (role === "member" || role === "admin") && !state.workspace.is_archived;
  return (
    <aside class="aside" id="aside" aria-label="Details">
      <Panel title="Status">
        <StandingPanel workspace={state.workspace} role={role} room={room} />
      </Panel>
      <Panel title="Claude">
        <Executions picture={picture} room={room} />
      </Panel>
      <Panel title="Feedback" count={state.workspace.unsent_feedback_count}>
        <FeedbackPanel state={state} room={room} me={me?.id ?? ""} canWrite={canWrite} />
      </Panel>
      <Panel title="Sessions" count={state.workspace.session_count}>
        <SessionsPanel sessions={state.sessions} room={room} canWrite={canWrite} />
      </Panel>
      <Panel title="Here now" count={peopleCount ?? people?.size}>
        <PeopleList people={people} me={me?.id ?? ""} />
      </Panel>
      <ManagePanel workspace={state.workspace} role={role} me={me?.id ?? ""} room={room} />
    </aside>
  );
}

function Executions({ picture, room }: { picture: WorkspacePicture; room: WorkspaceRoom }): JSX.Element {
  const { state, role } = picture;
  const current = state ? currentExecution(state) : undefined;
  if (!state || !current) return <p class="hint">Nothing has been asked of Claude yet.</p>;
  const waiting = state.executions.filter((one) => one !== current && isActive(one)).length;
  return (
    <>
      <ExecutionCard
        key={current.id}
        execution={current}
        note={state.notes[current.id] ?? ""}
        log={state.deployLogs[current.id]}
        role={role}
        room={room}
      />
      {waiting > 0 && <p class="hint">{counted(waiting, "more waits its turn", "more wait their turn")}.</p>}
    </>
  );
}
