/** Markdown from people and bots, as HTML that can do no harm: no scripts, no styles, no forms, links leave in a new tab. */
import DOMPurify from "dompurify";
import { Marked } from "marked";

const marked = new Marked({ gfm: true, breaks: true });

const ALLOWED_TAGS = [
  ..."p br strong em del code pre blockquote ul ol li a h1 h2 h3 h4 h5 h6 hr img".split(" "),
  ..."table thead tbody tr th td input".split(" "),
];
const ALLOWED_ATTR = ["href", "src", "alt", "title", "start", "align", "type", "checked", "disabled"];

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  if (node.tagName === "IMG") node.setAttribute("loading", "lazy");
  // Task lists bring a tick box, and nothing else brings an input.
  if (node.tagName === "INPUT" && node.getAttribute("type") !== "checkbox") node.remove();
  if (node.tagName === "PRE") node.setAttribute("tabindex", "0");
});

export function markdownToHtml(source: string): string {
  const html = marked.parse(source, { async: false });
  return purifier.sanitize(html, { ALLOWED_TAGS, ALLOWED_ATTR, ALLOW_DATA_ATTR: false });
}
