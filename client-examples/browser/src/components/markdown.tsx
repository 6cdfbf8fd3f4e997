import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { markdownToHtml } from "../format/markdown";

export function Markdown({ source }: { source: string }): JSX.Element {
  const html = useMemo(() => markdownToHtml(source), [source]);
  return <div class="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
