/** Sharing a concept: its rules, whom it is for, and the link, which is shown this once. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { CopyLink } from "../../components/copy_link";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import type { Connection } from "../../wire/connection";
import { friendsOf } from "../share/addressees";
import { linkOf, makeShare } from "../share/enter";
import { Rules, type ShareRules } from "../share/rules";

interface ShareDialogProps {
  connection: Connection;
  conceptId: string;
  onClose: () => void;
}

const FIRST_RULES: ShareRules = { allow_comments: true, allow_voting: true, is_public: true, expires_at: null };

export function ShareDialog({ connection, conceptId, onClose }: ShareDialogProps): JSX.Element {
  const [link, setLink] = useState("");
  return (
    <Dialog title={link ? "The link is ready" : "Share with friends"} onClose={onClose}>
      {link ? (
        <TheLink link={link} onClose={onClose} />
      ) : (
        <ShareForm connection={connection} conceptId={conceptId} onLink={setLink} />
      )}
    </Dialog>
  );
}

function TheLink({ link, onClose }: { link: string; onClose: () => void }): JSX.Element {
  return (
    <div class="form">
      <p>Whoever has this link comes in. It is shown this once: nobody can look it up later.</p>
      <CopyLink link={link} />
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  );
}

interface ShareFormProps {
  connection: Connection;
  conceptId: string;
  onLink: (link: string) => void;
}

function ShareForm({ connection, conceptId, onLink }: ShareFormProps): JSX.Element {
  const [rules, setRules] = useState(FIRST_RULES);
  const [friends, setFriends] = useState("");
  const asking = useAsking();
  // the same wish is the same share, however often it has to be asked for
  const command = useRef({ wish: "", id: "" });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wish = { ...rules, concept_id: conceptId, shared_with: friendsOf(friends) };
    const written = JSON.stringify(wish);
    if (command.current.wish !== written) command.current = { wish: written, id: connection.newCommandId() };
    await asking.ask(async () => {
      const { token } = await makeShare(wish, command.current.id, connection.token);
      onLink(linkOf(location, token));
    });
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Rules rules={rules} onRules={setRules} />
      <Field
        label="Friends by name"
        hint="Mail addresses, one per line. They come in with their own account, also where the link is not open to all."
        value={friends}
        onValue={setFriends}
        lines={2}
      />
      <div class="actions">
        <button type="submit" class="button button-primary" aria-busy={asking.isAsking}>
          Make the link
        </button>
        <AskState asking={asking} />
      </div>
    </form>
  );
}
