/** The concept in scenes, and how often each was looked at and passed on. */
import type { JSX } from "preact";
import { AskButton } from "../../components/ask_button";
import { EyeMark } from "../../components/icons";
import { Picture } from "../../components/picture";
import { counted } from "../../format/words";
import type { ConceptRoom } from "./manner";
import type { Preview, PreviewCounts } from "./types";
import { SCENE_WORDS } from "./words";

interface PreviewsProps {
  previews: readonly Preview[];
  looks: Readonly<Record<string, PreviewCounts>>;
  /** Where previews may be removed; undefined where they may not. */
  room: ConceptRoom | undefined;
}

export function Previews({ previews, looks, room }: PreviewsProps): JSX.Element {
  if (previews.length === 0) return <p class="hint">There is no preview yet.</p>;
  return (
    <ul class="previews">
      {previews.map((preview) => (
        <li key={preview.id}>
          <Picture src={preview.image_url} alt={SCENE_WORDS[preview.scene_type]} />
          <p class="preview-line">
            <span>{SCENE_WORDS[preview.scene_type]}</span>
            <Looks counts={looks[preview.id]} />
            {room && <AskButton command={() => room.give("remove_ar_preview", { preview_id: preview.id })}>Remove</AskButton>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Looks({ counts }: { counts: PreviewCounts | undefined }): JSX.Element | null {
  if (!counts) return null;
  return (
    <span class="views">
      <EyeMark /> {counted(counts.view_count, "look")}, {counts.share_count} passed on
    </span>
  );
}
