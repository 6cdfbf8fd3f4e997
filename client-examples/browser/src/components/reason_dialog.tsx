/** Asks once more before something that everybody will notice, and for a reason that everybody will read. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskState } from "./ask_button";
import { Dialog } from "./dialog";
import { Field } from "./field";
import { useAsking } from "./hooks";

interface ReasonDialogProps {
  /** What is about to happen; also the words of the button. */
  title: string;
  give: (reason: string) => Promise<unknown>;
  onClose: () => void;
  look?: "primary" | "danger";
}

export function ReasonDialog({ title, give, onClose, look = "primary" }: ReasonDialogProps): JSX.Element {
  const [reason, setReason] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await asking.ask(() => give(reason.trim()))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label="Why" hint="Everybody here reads it." value={reason} onValue={setReason} maxLength={500} />
        <div class="actions">
          <button type="submit" class={`button button-${look}`} aria-busy={asking.isAsking}>
            {title}
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}
