/** Who is signed in, and which page the address asks for. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "./components/hooks";
import { WorkspacePage } from "./kinds/workspace/page";
import { SignInPage } from "./pages/sign_in";
import { WorkspacesPage } from "./kinds/workspace/list_page";
import { pageClock } from "./state/clock";
import { route } from "./state/route";
import { endSession, token } from "./state/session";
import { Connection, isUnauthorized, socketAddress } from "./wire/connection";

export function App(): JSX.Element {
  const signedIn = useStore(token);
  const [notice, setNotice] = useState("");
  const connection = useConnection(signedIn, setNotice);
  if (!signedIn) return <SignInPage notice={notice} />;
  return connection ? <SignedIn connection={connection} /> : <></>;
}

function SignedIn({ connection }: { connection: Connection }): JSX.Element {
  const wanted = useStore(route);
  if (wanted.page === "workspace") return <WorkspacePage key={wanted.id} connection={connection} id={wanted.id} />;
  return <WorkspacesPage connection={connection} />;
}

/** One connection per token. One that the server no longer accepts signs this page out, and says so. */
function useConnection(signedIn: string, onNotice: (sentence: string) => void): Connection | undefined {
  const [connection, setConnection] = useState<Connection | undefined>(undefined);
  useEffect(() => {
    if (!signedIn) return setConnection(undefined);
    const opened = new Connection(socketAddress(location), signedIn, pageClock);
    const watch = opened.link.subscribe(() => {
      if (!isUnauthorized(opened.link.get())) return;
      onNotice("Your token is no longer accepted. Please sign in again.");
      endSession(sessionStorage);
    });
    opened.connect();
    setConnection(opened);
    return () => {
      watch();
      opened.close();
    };
  }, [signedIn]);
  return signedIn ? connection : undefined;
}
