/** The way in: a token, or on a server in development mode a name and a role. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AskState } from "../components/ask_button";
import { Field } from "../components/field";
import { useAsking, useTitle } from "../components/hooks";
import { ThemeToggle } from "../components/theme_toggle";
import { signIn } from "../state/session";
import { postJson } from "../wire/http";

const ROLES = ["admin", "member", "viewer"] as const;
type SignInRole = (typeof ROLES)[number];

const ROLE_WORDS: Record<SignInRole, string> = {
  admin: "Admin: verifies, returns, sets versions",
  member: "Member: writes, gives feedback, approves",
  viewer: "Viewer: watches",
};

export function SignInPage({ notice }: { notice: string }): JSX.Element {
  useTitle("Sign in");
  const isDevelopment = useDevelopmentMode();
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <img src="./favicon.svg" alt="" width="48" height="48" />
        <h1>Atrium</h1>
        <p class="hint">Rooms that people and bots sit in together.</p>
        {notice && (
          <p class="notice" role="alert">
            {notice}
          </p>
        )}
        {isDevelopment && <NameForm />}
        {isDevelopment ? (
          <details class="sign-in-other">
            <summary>Sign in with a token</summary>
            <TokenForm />
          </details>
        ) : (
          <TokenForm />
        )}
      </div>
      <ThemeToggle />
    </main>
  );
}

function NameForm(): JSX.Element {
  const [name, setName] = useState("");
  const [role, setRole] = useState<SignInRole>("member");
  const asking = useAsking();
  const submit = (event: Event): void => {
    event.preventDefault();
    void asking.ask(async () => {
      const { token } = await postJson<{ token: string }>("/dev/sign-in", { name: name.trim(), role });
      signIn(token, sessionStorage);
    });
  };
  return (
    <form class="form" onSubmit={submit}>
      <Field label="Your name" value={name} onValue={setName} maxLength={200} input={{ autocomplete: "name" }} isRequired />
      <fieldset class="roles">
        <legend>Role</legend>
        {ROLES.map((one) => (
          <label key={one} class="role">
            <input type="radio" name="role" checked={role === one} onChange={() => setRole(one)} />
            {ROLE_WORDS[one]}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button button-primary" aria-busy={asking.isAsking} disabled={!name.trim()}>
        Come in
      </button>
      <AskState asking={asking} />
      <p class="hint">This server is in development mode: anybody may be anybody.</p>
    </form>
  );
}

function TokenForm(): JSX.Element {
  const [token, setToken] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (token.trim()) signIn(token.trim(), sessionStorage);
  };
  return (
    <form class="form" onSubmit={submit}>
      <Field
        label="Token"
        hint="atrium token --user ada --role member makes one."
        value={token}
        onValue={setToken}
        input={{ autocomplete: "off", spellcheck: false, autocapitalize: "none" }}
        isRequired
      />
      <button type="submit" class="button button-primary" disabled={!token.trim()}>
        Sign in
      </button>
    </form>
  );
}

function useDevelopmentMode(): boolean {
  const [isDevelopment, setDevelopment] = useState(false);
  useEffect(() => {
    fetch("/dev/sign-in")
      .then((answer) => setDevelopment(answer.status === 200))
      .catch(() => undefined); // no answer: the token form is there anyway
  }, []);
  return isDevelopment;
}
