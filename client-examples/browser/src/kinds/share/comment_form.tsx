/** A small form for a reply, or for one's own words anew. */
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** domain/parts/discussion.py COMMENT_MAX. */
export const COMMENT_MAX = 5_000;

interface CommentFormProps {
  label: string;
  words: string;
  initial?: string;
  onSend: (text: string) => void;
  onTyping: () => void;
  onClose: () => void;
}

export function CommentForm({ label, words, initial = "", onSend, onTyping, onClose }: CommentFormProps): JSX.Element {
  const [text, setText] = useState(initial);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => box.current?.focus(), []);
  const send = (event: Event): void => {
    event.preventDefault();
    if (text.trim()) onSend(text.trim());
  };
  return (
    <form class="comment-form" onSubmit={send}>
      <label for={id} class="visually-hidden">
        {label}
      </label>
      <textarea
        id={id}
        ref={box}
        rows={2}
        maxLength={COMMENT_MAX}
        placeholder={label}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          onTyping();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !coarse()) send(event);
        }}
      />
      <div class="actions">
        <button type="submit" class="button button-primary button-small" disabled={!text.trim()}>
          {words}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function coarse(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
