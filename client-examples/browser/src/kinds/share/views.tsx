import type { JSX } from "preact";
import { EyeMark } from "../../components/icons";
import { Ago } from "../../components/moment";
import { counted } from "../../format/words";
import type { Views as ViewsTick } from "./types";

/** How often somebody has come to look; nothing while that is not known. */
export function Views({ views }: { views: ViewsTick | undefined }): JSX.Element | null {
  if (!views || views.count === 0) return null;
  return (
    <span class="views">
      <EyeMark />
      <span>
        {counted(views.count, "visit")}
        <span class="views-last">
          , last <Ago at={views.last_viewed_at} />
        </span>
      </span>
    </span>
  );
}
