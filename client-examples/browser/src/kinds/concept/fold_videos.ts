/** How the making of videos goes on. */
import type { Recorded } from "../../wire/types";
import type { ConceptEvent, Video, VideoProgress } from "./types";

export function foldVideos(videos: Video[], message: Recorded<ConceptEvent>): Video[] {
  const { id, at, event } = message;
  switch (event.type) {
    case "video_queued":
      return [...videos, queued(id, at, event)];
    case "video_started":
      return changed(videos, event.video_id, { status: "PROCESSING", started_at: at });
    case "video_completed": {
      const { video_url, thumbnail_url = "" } = event;
      return changed(videos, event.video_id, { status: "COMPLETED", progress: 100, video_url, thumbnail_url, completed_at: at });
    }
    case "video_failed": {
      const { error, progress = 0 } = event;
      return changed(videos, event.video_id, { status: "FAILED", error, progress, completed_at: at });
    }
    default:
      return videos;
  }
}

/** Progress never falls, and a video that is not being made has none to report: then the same list is returned. */
export function withProgress(videos: Video[], tick: VideoProgress): Video[] {
  const video = videos.find((one) => one.id === tick.video_id);
  if (video?.status !== "PROCESSING") return videos;
  return changed(videos, video.id, { progress: Math.max(video.progress, tick.progress) });
}

function changed(videos: Video[], id: string, change: Partial<Video>): Video[] {
  return videos.map((one) => (one.id === id ? { ...one, ...change } : one));
}

function queued(id: string, at: number, { style, duration }: Pick<Video, "style" | "duration">): Video {
  return {
    id,
    style,
    duration,
    status: "QUEUED",
    progress: 0,
    video_url: "",
    thumbnail_url: "",
    error: "",
    created_at: at,
    started_at: null,
    completed_at: null,
  };
}
