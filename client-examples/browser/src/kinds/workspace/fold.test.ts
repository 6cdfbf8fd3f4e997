import { describe, expect, test } from "vitest";
import type { Joined, Position } from "../../wire/envelope";
import * as anyFold from "../../wire/fold";
import { isActive } from "./fold_executions";
import golden from "./golden_room.json";
import { currentExecution, WORKSPACE_FOLD, type WorkspaceState } from "./fold";
import type { Execution, ExecutionProgress, Message, WorkspaceView } from "./types";

const messages = golden.messages as unknown as Message[];
const views = golden.views as unknown as { offset: number; view: WorkspaceView }[];

const withTick = WORKSPACE_FOLD.tick;
const withPiece = WORKSPACE_FOLD.piece;
const withOlder = (state: WorkspaceState, page: Message[]): WorkspaceState => WORKSPACE_FOLD.older?.with(state, page) ?? state;
const hasOlder = (state: WorkspaceState): boolean => anyFold.hasOlder(WORKSPACE_FOLD, state);
const withEvent = (state: WorkspaceState, message: Message): anyFold.EventOutcome<WorkspaceState> =>
  anyFold.withEvent(WORKSPACE_FOLD, state, message);

function joined(before: WorkspaceState | undefined, reply: Joined<WorkspaceView>, position: Position): WorkspaceState | undefined {
  return anyFold.joined(WORKSPACE_FOLD, before, reply, position);
}

function at(offset: number): Position {
  return { offset, epoch: "golden" };
}

/** The reply that a joiner gets at a recorded moment. */
function replyAt(offset: number, newest = 50): Joined<WorkspaceView> {
  const view = views.find((one) => one.offset === offset)?.view;
  if (!view) throw new Error(`no view was recorded at ${offset}`);
  return { view: { ...view, messages: messages.slice(Math.max(0, offset - newest), offset) } };
}

function joinedAt(offset: number, newest = 50): WorkspaceState {
  return known(joined(undefined, replyAt(offset, newest), at(offset)));
}

function known(state: WorkspaceState | undefined): WorkspaceState {
  if (!state) throw new Error("the state is not known");
  return state;
}

function played(state: WorkspaceState, from: number, to: number): WorkspaceState {
  return messages.slice(from, to).reduce((before, message) => {
    const outcome = withEvent(before, message);
    if (outcome.is !== "folded") throw new Error(`offset ${message.offset} was ${outcome.is}`);
    return outcome.state;
  }, state);
}

/** The executions that a view shows: the latest, the active ones, those being deployed. */
function shown(executions: readonly Execution[]): Execution[] {
  const isDeploying = (one: Execution): boolean => one.deploy_status === "queued" || one.deploy_status === "building";
  return executions.filter((one, index) => index === executions.length - 1 || isActive(one) || isDeploying(one));
}

describe("view at n and the events n+1 to m are the view at m", () => {
  const moments = views.map((one) => one.offset);
  const pairs = moments.flatMap((n, index) => moments.slice(index).map((m) => [n, m] as const));

  test.each(pairs)("n = %i, m = %i", (n, m) => {
    const state = played(joinedAt(n), n, m);

    const { view } = replyAt(m);
    expect(state.workspace).toEqual(view?.workspace);
    expect(state.sessions).toEqual(view?.sessions);
    expect(shown(state.executions)).toEqual(view?.executions);
    expect(state.timeline).toEqual(messages.slice(0, m));
    expect(state.position).toEqual(at(m));
  });
});

describe("the log has no hole and nothing twice", () => {
  const last = messages.length;

  test("an event that was seen changes nothing", () => {
    expect(withEvent(joinedAt(last), messages[3] as Message)).toEqual({ is: "seen" });
  });

  test("an event behind a hole is not folded", () => {
    expect(withEvent(joinedAt(1), messages[2] as Message)).toEqual({ is: "hole" });
  });

  test("a recovered resume keeps the state and its position", () => {
    const before = joinedAt(1);

    expect(joined(before, {}, at(1))).toEqual(before);
  });

  test("a fresh view keeps older entries that join on to it", () => {
    const before = joinedAt(1);

    const state = known(joined(before, replyAt(last, last - 1), at(last)));

    expect(state.timeline).toEqual(messages);
  });

  test("a fresh view drops older entries before a hole", () => {
    const state = known(joined(joinedAt(1), replyAt(last, 5), at(last)));

    expect(state.timeline).toEqual(messages.slice(-5));
    expect(hasOlder(state)).toBe(true);
  });

  test("a fresh view of another epoch drops everything older", () => {
    const state = known(joined(joinedAt(1), replyAt(last, last - 1), { offset: last, epoch: "another" }));

    expect(state.timeline).toEqual(messages.slice(1));
  });

  test("pages of history stand before the timeline, in whatever order they come", () => {
    const state = joinedAt(last, 5);

    const page = messages.slice(-9, -4).reverse();

    expect(withOlder(state, page).timeline).toEqual(messages.slice(-9));
    expect(withOlder(state, messages.slice(0, 3))).toBe(state);
  });
});

describe("ticks", () => {
  const running = known(joined(undefined, replyAt(views[1]?.offset ?? 0), at(views[1]?.offset ?? 0)));
  const execution = currentExecution(running) as Execution;
  const tick = (progress: number): ExecutionProgress => ({
    type: "execution_progress",
    key: `execution:${execution.id}`,
    execution_id: execution.id,
    progress,
    phase: "testing",
    note: "Running 3 of 9",
  });

  test("progress rises with a tick, and its note is told", () => {
    const state = withTick(running, tick(77));

    expect(currentExecution(state)?.progress).toBe(77);
    expect(state.notes[execution.id]).toBe("Running 3 of 9");
  });

  test("progress never falls", () => {
    const state = withTick(withTick(running, tick(77)), tick(70));

    expect(currentExecution(state)?.progress).toBe(77);
  });

  test("an execution that does not run has no progress", () => {
    const ended = joinedAt(messages.length);

    expect(withTick(ended, { ...tick(3), execution_id: ended.executions.at(-1)?.id ?? "" })).toBe(ended);
  });

  test("the ticks of a subscribe reply count", () => {
    const reply = { ...replyAt(views[1]?.offset ?? 0), ticks: [{ tick: tick(79), after: 1 }] };

    expect(currentExecution(known(joined(undefined, reply, at(1))))?.progress).toBe(79);
  });
});

describe("the log of a deploy", () => {
  const key = "deploy_log:e1";
  const start = joinedAt(1);
  const piece = (attempt: number, position: number, text: string) => ({ key, attempt, position, text });

  test("pieces join at their positions, counted in characters", () => {
    const state = withPiece(withPiece(start, piece(1, 0, "build 🚀")), piece(1, 7, "\ndone"));

    expect(state.deployLogs["e1"]?.text).toBe("build 🚀\ndone");
  });

  test("what was seen is not repeated", () => {
    const once = withPiece(start, piece(1, 0, "one two"));

    expect(withPiece(once, piece(1, 0, "one"))).toBe(once);
    expect(withPiece(once, piece(1, 4, "two three")).deployLogs["e1"]?.text).toBe("one two three");
  });

  test("another attempt begins anew, and an earlier one is over", () => {
    const second = withPiece(withPiece(start, piece(1, 0, "old")), piece(2, 0, "new"));

    expect(second.deployLogs["e1"]?.text).toBe("new");
    expect(withPiece(second, piece(1, 3, "late"))).toBe(second);
  });

  test("only the newest part is kept", () => {
    const state = withPiece(withPiece(start, piece(1, 0, "a".repeat(70_000))), piece(1, 70_000, "end"));

    const log = state.deployLogs["e1"];
    expect(log?.text.length).toBe(65_536);
    expect(log?.start).toBe(70_003 - 65_536);
    expect(log?.text.endsWith("aend")).toBe(true);
  });
});
