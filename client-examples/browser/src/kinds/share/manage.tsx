/** The rules of a share, and its end: for who made it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { useAsking } from "../../components/hooks";
import { ReasonDialog } from "../../components/reason_dialog";
import type { Connection } from "../../wire/connection";
import type { Receipt } from "../../wire/envelope";
import { AddresseesDialog } from "./addressees";
import { Rules, type ShareRules } from "./rules";
import type { ShareFace } from "./types";

type Give = (verb: string, payload: object) => Promise<Receipt>;

interface ShareManageProps {
  connection: Connection;
  share: ShareFace;
  give: Give;
}

export function ShareManage({ connection, share, give }: ShareManageProps): JSX.Element {
  const [asked, setAsked] = useState<"rules" | "friends" | "revoke" | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  return (
    <div class="actions">
      <button type="button" class="button button-quiet" onClick={() => setAsked("rules")}>
        Change the rules
      </button>
      <button type="button" class="button button-quiet" onClick={() => setAsked("friends")}>
        Friends by name{share.addressee_count > 0 ? ` (${share.addressee_count})` : ""}
      </button>
      <button type="button" class="button button-danger" onClick={() => setAsked("revoke")}>
        Revoke
      </button>
      {asked === "rules" && <RulesDialog share={share} give={give} onClose={close} />}
      {asked === "friends" && <AddresseesDialog connection={connection} shareId={share.id} onClose={close} />}
      {asked === "revoke" && (
        <ReasonDialog
          title="Revoke this share"
          look="danger"
          give={(reason) => give("revoke_share", { reason })}
          onClose={close}
        />
      )}
    </div>
  );
}

interface RulesDialogProps {
  share: ShareRules;
  give: Give;
  onClose: () => void;
}

function RulesDialog({ share, give, onClose }: RulesDialogProps): JSX.Element {
  const { allow_comments, allow_voting, is_public, expires_at } = share;
  const [rules, setRules] = useState<ShareRules>({ allow_comments, allow_voting, is_public, expires_at });
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await asking.ask(() => give("change_share", rules))) onClose();
  };
  return (
    <Dialog title="Rules of this share" onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Rules rules={rules} onRules={setRules} />
        <div class="actions">
          <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
            Save
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}
