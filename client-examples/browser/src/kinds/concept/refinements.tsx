/** What should be otherwise: asked of a bot, suggested by it, taken or left by the owner. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskButton, AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Markdown } from "../../components/markdown";
import { Ago } from "../../components/moment";
import { percent, plain, wordsOf } from "../../format/words";
import type { ConceptRoom } from "./manner";
import type { Refinement, RefinementType } from "./types";
import { REFINEMENT_WORDS } from "./words";

interface RefinementsProps {
  refinements: readonly Refinement[];
  room: ConceptRoom;
  canWrite: boolean;
}

export function Refinements({ refinements, room, canWrite }: RefinementsProps): JSX.Element {
  return (
    <div class="stack">
      {refinements.length === 0 && <p class="hint">Nothing is being refined.</p>}
      {refinements.map((one) => (
        <RefinementCard key={one.id} refinement={one} room={room} canWrite={canWrite} />
      ))}
      {canWrite && <AskRefinement room={room} />}
    </div>
  );
}

interface RefinementCardProps {
  refinement: Refinement;
  room: ConceptRoom;
  canWrite: boolean;
}

function RefinementCard({ refinement, room, canWrite }: RefinementCardProps): JSX.Element {
  const { id: refinement_id, refinement_type, feedback, status, explanation, confidence } = refinement;
  const isSuggested = status === "suggested";
  return (
    <article class={`card ${isSuggested ? "card-new" : ""}`} aria-label={`Refinement: ${REFINEMENT_WORDS[refinement_type]}`}>
      <p class="card-head">
        <span class="mark">{REFINEMENT_WORDS[refinement_type]}</span>
        <span class="hint">
          {isSuggested ? "suggested" : "asked"} <Ago at={refinement.suggested_at ?? refinement.requested_at} />
        </span>
        {confidence !== null && <span class="hint card-end">{percent(confidence)} sure</span>}
      </p>
      <p class="card-quote">{feedback}</p>
      {isSuggested ? <Markdown source={explanation} /> : <p class="hint">The suggestion is on its way.</p>}
      <Changes changes={refinement.changes} />
      {canWrite && (
        <div class="actions">
          {isSuggested && (
            <AskButton look="primary" command={() => room.give("apply_refinement", { refinement_id })}>
              Apply
            </AskButton>
          )}
          <AskButton command={() => room.give("dismiss_refinement", { refinement_id })}>Dismiss</AskButton>
        </div>
      )}
    </article>
  );
}

function Changes({ changes }: { changes: Refinement["changes"] }): JSX.Element | null {
  const entries = Object.entries(changes);
  if (entries.length === 0) return null;
  return (
    <dl class="changes">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{wordsOf(key)}</dt>
          <dd>{plain(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function AskRefinement({ room }: { room: ConceptRoom }): JSX.Element {
  const [type, setType] = useState<RefinementType>("STYLE");
  const [feedback, setFeedback] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wish = { refinement_type: type, feedback: feedback.trim() };
    if (wish.feedback && (await asking.ask(() => room.give("request_refinement", wish)))) setFeedback("");
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <div class="status-filter" role="group" aria-label="What should be otherwise">
        {(Object.keys(REFINEMENT_WORDS) as RefinementType[]).map((one) => (
          <button key={one} type="button" class="filter" aria-pressed={type === one} onClick={() => setType(one)}>
            {REFINEMENT_WORDS[one]}
          </button>
        ))}
      </div>
      <Field label="What should be otherwise?" value={feedback} onValue={setFeedback} lines={2} maxLength={20_000} />
      <div class="actions">
        <button type="submit" class="button button-quiet" disabled={!feedback.trim()} aria-busy={asking.isAsking}>
          Ask for a refinement
        </button>
        <AskState asking={asking} />
      </div>
    </form>
  );
}
