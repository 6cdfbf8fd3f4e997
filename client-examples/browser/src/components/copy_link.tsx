/** A link to give away: to select, to copy. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

export function CopyLink({ link }: { link: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState("Copy");
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link);
      setWords("Copied");
    } catch {
      setWords("Select and copy it"); // plain HTTP has no clipboard; the link is selected already
    }
  };
  return (
    <div class="copy-link">
      <input ref={field} readOnly value={link} aria-label="The link" onFocus={(event) => event.currentTarget.select()} />
      <button type="button" class="button button-primary" onClick={() => void copy()}>
        {words}
      </button>
    </div>
  );
}
