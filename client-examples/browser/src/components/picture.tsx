import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** A picture from somewhere else; where it cannot be had, its place says so. */
export function Picture({ src, alt, look = "" }: { src: string; alt: string; look?: string }): JSX.Element {
  const [isBroken, setBroken] = useState(false);
  const isSafe = /^https:\/\//i.test(src) || /^\/[^/]/.test(src);
  if (!isSafe || isBroken)
    return <span class={`picture picture-none ${look}`}>{src ? `“${alt}” cannot be shown` : "No picture yet"}</span>;
  return (
    <img
      class={`picture ${look}`}
      src={src}
      alt={alt}
      loading="lazy"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}
