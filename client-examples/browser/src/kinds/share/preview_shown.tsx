/** The concept in a scene: who looks at it is counted, and who passes it on. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Picture } from "../../components/picture";
import { bearer, postJson } from "../../wire/http";
import type { ShownThing } from "./types";

/** By which share somebody sees the concept. */
export interface LookedBy {
  shareId: string;
  conceptId: string;
  token: string;
}

interface PreviewShownProps {
  thing: ShownThing;
  by: LookedBy;
}

export function PreviewShown({ thing, by }: PreviewShownProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState("Pass it on");
  useSeen(box, () => count("look", thing, by));
  const passOn = async (): Promise<void> => {
    try {
      if (navigator.share) await navigator.share({ url: thing.url });
      else await navigator.clipboard.writeText(thing.url);
    } catch {
      return; // called off, or not allowed: then it was not passed on
    }
    setWords("Passed on");
    count("share", thing, by);
  };
  return (
    <div ref={box} class="stack">
      <Picture src={thing.url} alt={thing.caption || "In a room"} />
      <button type="button" class="button button-quiet button-small" onClick={() => void passOn()}>
        {words}
      </button>
    </div>
  );
}

/** The server counts a person once in half an hour, so this may be told as often as it happens. */
function count(what: "look" | "share", { thing_id }: ShownThing, { shareId, conceptId, token }: LookedBy): void {
  if (!thing_id) return;
  const path = `/concepts/${conceptId}/ar-previews/${thing_id}/${what}?${new URLSearchParams({ share: shareId })}`;
  postJson(path, {}, bearer(token)).catch(() => undefined); // a look that is not counted is nobody's loss
}

/** Once, when most of it is before somebody's eyes. */
function useSeen(box: { current: HTMLDivElement | null }, onSeen: () => void): void {
  useEffect(() => {
    if (!box.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        onSeen();
      },
      { threshold: 0.6 },
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
}
