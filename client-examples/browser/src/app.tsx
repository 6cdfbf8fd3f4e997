/** Who is signed in, and which page the address asks for. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "./components/hooks";
import { ConceptListPage } from "./kinds/concept/list_page";
import { ConceptPage } from "./kinds/concept/page";
import { ChatListPage } from "./kinds/conversation/list_page";
import { ConversationPage } from "./kinds/conversation/page";
import { claimGuest } from "./kinds/person/claim";
import { InboxPage } from "./kinds/person/inbox_page";
import { Own, OwnContext } from "./kinds/person/manner";
import { QuotePage } from "./kinds/quote/page";
import { LinkPage } from "./kinds/share/link_page";
import { SharePage } from "./kinds/share/page";
import { WorkspacesPage } from "./kinds/workspace/list_page";
import { WorkspacePage } from "./kinds/workspace/page";
import { SignInPage } from "./pages/sign_in";
import { pageClock } from "./state/clock";
import { type Route, route } from "./state/route";
import { endSession, token } from "./state/session";
import { Connection, isUnauthorized, socketAddress } from "./wire/connection";

export function App(): JSX.Element {
  const wanted = useStore(route);
  // A link lets people in who have no account, each by a token of its own.
  if (wanted.page === "link") return <LinkPage key={wanted.token} token={wanted.token} />;
  return <ForSignedIn wanted={wanted} />;
}

function ForSignedIn({ wanted }: { wanted: Exclude<Route, { page: "link" }> }): JSX.Element {
  const signedIn = useStore(token);
  const [notice, setNotice] = useState("");
  const opened = useConnection(signedIn, setNotice);
  if (!signedIn) return <SignInPage notice={notice} />;
  if (!opened) return <></>;
  return (
    <OwnContext.Provider value={opened.own}>
      <Page connection={opened.connection} wanted={wanted} />
    </OwnContext.Provider>
  );
}

function Page({ connection, wanted }: { connection: Connection; wanted: Exclude<Route, { page: "link" }> }): JSX.Element {
  switch (wanted.page) {
    case "workspace":
      return <WorkspacePage key={wanted.id} connection={connection} id={wanted.id} />;
    case "concept":
      return <ConceptPage key={wanted.id} connection={connection} id={wanted.id} />;
    case "share":
      return <SharePage key={wanted.id} connection={connection} id={wanted.id} />;
    case "quote":
      return <QuotePage key={wanted.id} connection={connection} id={wanted.id} />;
    case "conversation":
      return <ConversationPage key={wanted.id} connection={connection} id={wanted.id} />;
    case "concepts":
      return <ConceptListPage connection={connection} />;
    case "chats":
      return <ChatListPage connection={connection} />;
    case "inbox":
      return <InboxPage connection={connection} />;
    case "workspaces":
      return <WorkspacesPage connection={connection} />;
  }
}

interface Opened {
  connection: Connection;
  own: Own;
}

/** One connection per token. One that the server no longer accepts signs this page out, and says so. */
function useConnection(signedIn: string, onNotice: (sentence: string) => void): Opened | undefined {
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  useEffect(() => {
    if (!signedIn) return setOpened(undefined);
    const connection = new Connection(socketAddress(location), signedIn, pageClock);
    const own = new Own(connection);
    const watch = connection.link.subscribe(() => {
      if (!isUnauthorized(connection.link.get())) return;
      onNotice("Your token is no longer accepted. Please sign in again.");
      endSession(sessionStorage);
    });
    connection.connect();
    void claimGuest(localStorage, signedIn);
    setOpened({ connection, own });
    return () => {
      watch();
      own.close();
      connection.close();
    };
  }, [signedIn]);
  return signedIn ? opened : undefined;
}
