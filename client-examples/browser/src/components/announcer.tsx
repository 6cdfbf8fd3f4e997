/** Says what others have done, politely and one thing at a time; what was there before is not read out. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Actor } from "../wire/types";

interface AnnouncerProps<T> {
  /** The latest entry; undefined while there is none. */
  newest: T | undefined;
  me: string;
  tell: (entry: T) => string;
}

export function Announcer<T extends { id: string; offset: number; by: Actor }>({
  newest,
  me,
  tell,
}: AnnouncerProps<T>): JSX.Element {
  const [words, setWords] = useState("");
  const seen = useRef<number | undefined>(undefined);
  useEffect(() => {
    const isNews = seen.current !== undefined && newest !== undefined && newest.offset > seen.current;
    seen.current = Math.max(seen.current ?? 0, newest?.offset ?? 0);
    if (isNews && newest.by.id !== me) setWords(tell(newest));
  }, [newest?.id]);
  return (
    <p class="visually-hidden" aria-live="polite" data-announcer>
      {words}
    </p>
  );
}
