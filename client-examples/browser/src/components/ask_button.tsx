/** A button that gives a command, and says beside itself what came of it. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { useAsking } from "./hooks";

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
      <Refusal id={sentenceId} sentence={asking.refusal} />
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
