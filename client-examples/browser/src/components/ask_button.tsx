/** A button that gives a command, and says beside itself what came of it. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { type Asking, useAsking, useLasting } from "./hooks";

interface AskButtonProps {
  command: () => Promise<unknown>;
  children: ComponentChildren;
  look?: "primary" | "quiet" | "danger";
  onDone?: () => void;
}

export function AskButton({ command, children, look = "quiet", onDone }: AskButtonProps): JSX.Element {
  const asking = useAsking();
  const sentenceId = useId();
  const click = async (): Promise<void> => {
    if (await asking.ask(command)) onDone?.();
  };
  return (
    <span class="ask">
      <button
        type="button"
        class={`button button-${look}`}
        aria-disabled={asking.isAsking}
        aria-busy={asking.isAsking}
        aria-describedby={asking.refusal ? sentenceId : undefined}
        onClick={() => void click()}
      >
        {children}
      </button>
      <AskState id={sentenceId} asking={asking} />
    </span>
  );
}

/** An answer takes a moment; what takes longer than this is said. */
const SLOW_MS = 1_500;

/** What came of asking: a refusal, or that there is no answer yet. */
export function AskState({ asking, id }: { asking: Asking; id?: string }): JSX.Element {
  const isSlow = useLasting(asking.isAsking, SLOW_MS);
  if (!isSlow) return <Refusal sentence={asking.refusal} id={id} />;
  return (
    <span class="hint" role="status" id={id}>
      No answer yet; it is tried again by itself.
    </span>
  );
}

/** A refusal, in the server's own words, beside what was tried. */
export function Refusal({ sentence, id }: { sentence: string; id?: string }): JSX.Element {
  return (
    <span class="refusal" role="alert" id={id}>
      {sentence}
    </span>
  );
}
