/** Where one writes. Enter sends where there is a keyboard; a new line is Shift and Enter. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { listed, nameOf } from "../format/words";
import type { Typing } from "../wire/presence";
import { SendMark } from "./icons";

/** domain/limits.py TEXT_MAX. */
const TEXT_MAX = 20_000;

interface ComposerProps {
  onSend: (text: string) => void;
  onTyping: () => void;
  /** Why one cannot write here; "" when one can. */
  closedBecause: string;
  typing: readonly Typing[];
  label?: string;
  placeholder?: string;
  longest?: number;
  children?: ComponentChildren;
}

export function Composer({ closedBecause, typing, children, ...form }: ComposerProps): JSX.Element {
  return (
    <div class="composer-area">
      <TypingLine typing={typing} />
      {children}
      {closedBecause ? <p class="composer-closed">{closedBecause}</p> : <ComposerForm {...form} />}
    </div>
  );
}

type FormProps = Pick<ComposerProps, "onSend" | "onTyping" | "label" | "placeholder" | "longest">;

function ComposerForm(props: FormProps): JSX.Element {
  const { onSend, onTyping, label = "Message", placeholder = "Write a message …", longest = TEXT_MAX } = props;
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const left = longest - text.length;
  const isSendable = text.trim().length > 0 && left >= 0;
  const send = (event?: Event): void => {
    event?.preventDefault();
    if (!isSendable) return;
    onSend(text.trim());
    setText("");
    box.current?.focus();
  };
  return (
    <form class="composer" onSubmit={send}>
      <label for={id} class="visually-hidden">
        {label}
      </label>
      <textarea
        id={id}
        ref={box}
        rows={1}
        placeholder={placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          if (event.currentTarget.value) onTyping();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard()) send(event);
        }}
        aria-describedby={`${id}-hint`}
      />
      <button type="submit" class="button button-primary button-send" disabled={!isSendable} aria-label="Send">
        <SendMark />
      </button>
      <small id={`${id}-hint`} class={left < 500 ? "hint composer-left" : "visually-hidden"}>
        {left < 500 ? `${left} characters left` : "Markdown. Enter sends, Shift and Enter begins a new line."}
      </small>
    </form>
  );
}

function hasKeyboard(): boolean {
  return !window.matchMedia("(pointer: coarse)").matches;
}

export function TypingLine({ typing }: { typing: readonly Typing[] }): JSX.Element {
  const names = typing.map((one) => nameOf(one.actor));
  return (
    <p class="typing" aria-live="off">
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {listed(names)} {names.length === 1 ? "is" : "are"} writing …
        </>
      )}
    </p>
  );
}
