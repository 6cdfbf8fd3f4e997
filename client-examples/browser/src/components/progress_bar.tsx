/** Progress that moves smoothly and never backwards: what has been shown is the least that will be shown. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

interface ProgressBarProps {
  /** Of what: another `subject` starts anew. */
  subject: string;
  percent: number;
  label: string;
  isMoving?: boolean;
}

export function ProgressBar({ subject, percent, label, isMoving = false }: ProgressBarProps): JSX.Element {
  const shown = useRef({ subject, percent: 0 });
  if (shown.current.subject !== subject) shown.current = { subject, percent: 0 };
  shown.current.percent = Math.max(shown.current.percent, Math.min(100, percent));
  const value = shown.current.percent;
  return (
    <div
      class={`progress ${isMoving ? "progress-moving" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
    >
      {/* Set through the object model, which a strict Content-Security-Policy allows. */}
      <span class="progress-fill" style={{ transform: `scaleX(${value / 100})` }} />
    </div>
  );
}
