/** What of a concept its friends are shown: pictures, scenes, videos, what was changed, how sustainable it is. */
import type { JSX } from "preact";
import { Picture } from "../../components/picture";
import { Ago } from "../../components/moment";
import { Score } from "../../components/score";
import { type LookedBy, PreviewShown } from "./preview_shown";
import type { Shown, ShownThing } from "./types";

const WORDS: Record<Shown, string> = {
  image: "New picture",
  refinement: "Refined",
  ar: "In a room",
  video: "Video",
  sustainability: "Sustainability",
  details: "Details",
};

interface ShownThingsProps {
  things: readonly ShownThing[];
  by: LookedBy;
}

export function ShownThings({ things, by }: ShownThingsProps): JSX.Element | null {
  if (things.length === 0) return null;
  return (
    <ul class="shown" aria-label="What is shown">
      {[...things].reverse().map((thing) => (
        <li key={thing.id} class={`shown-thing shown-${thing.what}`}>
          <p class="shown-head">
            <strong>{WORDS[thing.what]}</strong> <Ago at={thing.at} />
          </p>
          <Content thing={thing} by={by} />
          {thing.caption && <p>{thing.caption}</p>}
        </li>
      ))}
    </ul>
  );
}

function Content({ thing, by }: { thing: ShownThing; by: LookedBy }): JSX.Element | null {
  switch (thing.what) {
    case "ar":
      return <PreviewShown thing={thing} by={by} />;
    case "image":
      return <Picture src={thing.url} alt={thing.caption || WORDS.image} />;
    case "video":
      return <video controls preload="none" src={thing.url} aria-label={thing.caption || "Video"} />;
    case "sustainability":
      return <Score score={thing.data} />;
    default:
      return null;
  }
}
