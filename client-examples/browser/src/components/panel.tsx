import type { ComponentChildren, JSX } from "preact";

interface PanelProps {
  title: string;
  count?: number;
  children: ComponentChildren;
}

/** A part of what stands beside the main matter. */
export function Panel({ title, count, children }: PanelProps): JSX.Element {
  return (
    <section class="panel" aria-label={title}>
      <h2>
        {title}
        {count ? <span class="panel-count">{count}</span> : null}
      </h2>
      {children}
    </section>
  );
}
