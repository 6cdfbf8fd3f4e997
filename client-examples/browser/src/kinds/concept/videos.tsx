/** Videos of a concept: asked for, being made before one's eyes, ready. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskButton, AskState } from "../../components/ask_button";
import { useAsking } from "../../components/hooks";
import { Ago } from "../../components/moment";
import { ProgressBar } from "../../components/progress_bar";
import type { ConceptRoom } from "./manner";
import type { Video, VideoStyle } from "./types";
import { JOB_WORDS, STYLE_WORDS } from "./words";

interface VideosProps {
  videos: readonly Video[];
  notes: Readonly<Record<string, string>>;
  room: ConceptRoom;
  canWrite: boolean;
}

const SECONDS = [10, 20, 30, 60] as const;

export function Videos({ videos, notes, room, canWrite }: VideosProps): JSX.Element {
  return (
    <div class="stack">
      {videos.length === 0 && <p class="hint">There is no video yet.</p>}
      {[...videos].reverse().map((video) => (
        <VideoCard key={video.id} video={video} note={notes[video.id] ?? ""} room={room} canWrite={canWrite} />
      ))}
      {canWrite && <AskVideo room={room} />}
    </div>
  );
}

interface VideoCardProps {
  video: Video;
  note: string;
  room: ConceptRoom;
  canWrite: boolean;
}

function VideoCard({ video, note, room, canWrite }: VideoCardProps): JSX.Element {
  const { id, status, style, duration, progress } = video;
  const isUnderWay = status === "QUEUED" || status === "PROCESSING";
  return (
    <article class="card" aria-label={`Video: ${JOB_WORDS[status]}`}>
      <p class="card-head">
        <strong>{STYLE_WORDS[style]}</strong>
        <span class="hint">{duration} s</span>
        <span class={`chip card-end chip-of-${status.toLowerCase()}`}>{JOB_WORDS[status]}</span>
      </p>
      {status === "PROCESSING" && (
        <div class="video-bar">
          <ProgressBar subject={id} percent={progress} label="Progress of the video" isMoving />
          <output>{progress} %</output>
          {note && <p class="hint">{note}</p>}
        </div>
      )}
      {status === "COMPLETED" && (
        <video controls preload="none" src={video.video_url} poster={video.thumbnail_url || undefined} aria-label="The video" />
      )}
      {status === "FAILED" && <p class="refusal">{video.error || "It could not be made."}</p>}
      {!isUnderWay && video.completed_at !== null && (
        <p class="hint">
          <Ago at={video.completed_at} />
        </p>
      )}
      {canWrite && isUnderWay && (
        <div class="actions">
          <AskButton look="danger" command={() => room.give("fail_video", { video_id: id, error: "called off by its owner" })}>
            Call it off
          </AskButton>
        </div>
      )}
    </article>
  );
}

function AskVideo({ room }: { room: ConceptRoom }): JSX.Element {
  const [style, setStyle] = useState<VideoStyle>("SHOWCASE");
  const [duration, setDuration] = useState<number>(20);
  const asking = useAsking();
  return (
    <div class="ask-video">
      <label>
        <span class="visually-hidden">Kind of video</span>
        <select value={style} onChange={(event) => setStyle(event.currentTarget.value as VideoStyle)}>
          {(Object.keys(STYLE_WORDS) as VideoStyle[]).map((one) => (
            <option key={one} value={one}>
              {STYLE_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="visually-hidden">Length</span>
        <select value={duration} onChange={(event) => setDuration(Number(event.currentTarget.value))}>
          {SECONDS.map((one) => (
            <option key={one} value={one}>
              {one} seconds
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button button-quiet"
        aria-busy={asking.isAsking}
        onClick={() => void asking.ask(() => room.give("queue_video", { style, duration }))}
      >
        Ask for a video
      </button>
      <AskState asking={asking} />
    </div>
  );
}
