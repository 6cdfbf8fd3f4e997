/** A labelled field of a form, with its hint where a screen reader finds it. */
import type { InputHTMLAttributes, JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  lines?: number;
  input?: InputHTMLAttributes<HTMLInputElement>;
  maxLength?: number;
  isRequired?: boolean;
}

export function Field({ label, value, onValue, hint, lines, input, maxLength, isRequired }: FieldProps): JSX.Element {
  const id = useId();
  const hintId = `${id}-hint`;
  const shared = { id, value, maxLength, required: isRequired, "aria-describedby": hint ? hintId : undefined };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines ? (
        <textarea {...shared} rows={lines} onInput={(event) => onValue(event.currentTarget.value)} />
      ) : (
        <input {...input} {...shared} onInput={(event) => onValue(event.currentTarget.value)} />
      )}
      {hint && (
        <small id={hintId} class="hint">
          {hint}
        </small>
      )}
    </div>
  );
}
