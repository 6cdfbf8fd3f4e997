/** The few signs of this page, drawn here: no font, no host. All are decoration; words stand beside them. */
import type { ComponentChildren, JSX } from "preact";

function icon(children: ComponentChildren): () => JSX.Element {
  return () => (
    <svg class="icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const ClaudeMark = icon(<path d="M10 2.5v15M3.5 6.2l13 7.6M16.5 6.2l-13 7.6M6.2 3.5l7.6 13M13.8 3.5l-7.6 13" />);
export const SystemMark = icon(
  <>
    <path d="M4 16V9a6 6 0 0 1 12 0v7M8 16v-5.5a2 2 0 0 1 4 0V16M2.5 16.5h15" />
  </>,
);
export const CheckMark = icon(<path d="m4.5 10.5 3.8 3.8 7.4-8.6" />);
export const CrossMark = icon(<path d="m5.5 5.5 9 9m0-9-9 9" />);
export const RetryMark = icon(<path d="M15.5 10a5.5 5.5 0 1 1-1.7-4M15.5 3v3.4h-3.4" />);
export const RocketMark = icon(
  <path d="M11 13.5 6.5 9c1-3.5 4-6 9-6.5-.5 5-3 8-6.5 9ZM6.5 9 4 9.8l-1 3 3 .2M11 13.5l-.8 2.5-3 1-.2-3" />,
);
export const FlagMark = icon(<path d="M5.5 17.5v-14h9l-2 3.5 2 3.5h-9" />);
export const BackMark = icon(<path d="m11.5 4.5-5.5 5.5 5.5 5.5" />);
export const PlusMark = icon(<path d="M10 4v12M4 10h12" />);
export const SunMark = icon(
  <>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4" />
  </>,
);
export const MoonMark = icon(<path d="M16 12.2A6.8 6.8 0 0 1 7.8 4a6.6 6.6 0 1 0 8.2 8.2Z" />);
export const HalfMark = icon(
  <>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 3.5v13a6.5 6.5 0 0 0 0-13Z" fill="currentColor" stroke="none" />
  </>,
);
export const DownMark = icon(<path d="M10 4v11m-4.5-4.5L10 15l4.5-4.5" />);
export const SendMark = icon(<path d="M10 16V4.5M5 9.3l5-5 5 5" />);
export const ClipMark = icon(
  <path d="m15 9-5.4 5.4a3.2 3.2 0 0 1-4.5-4.5l6-6a2.1 2.1 0 0 1 3 3l-5.8 5.8a1 1 0 0 1-1.5-1.5L12 6" />,
);
export const OutMark = icon(<path d="M12 4h4v12h-4M3.5 10H12M8.8 6.8 12 10l-3.2 3.2" />);
export const BellMark = icon(<path d="M4.5 14.5h11l-1.3-2V9a4.2 4.2 0 0 0-8.4 0v3.5l-1.3 2ZM8.3 16.8a1.8 1.8 0 0 0 3.4 0" />);
export const StopMark = icon(<rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" />);
export const ThumbUpMark = icon(
  <path d="M6.5 9.5v7M6.5 9.5 9.8 3c1.3 0 2.2 1 2 2.3l-.5 2.9h3.6a1.6 1.6 0 0 1 1.6 1.9l-1 5a1.8 1.8 0 0 1-1.8 1.4H3.5v-7h3" />,
);
export const ThumbDownMark = icon(
  <path d="M6.5 10.5v-7M6.5 10.5 9.8 17c1.3 0 2.2-1 2-2.3l-.5-2.9h3.6a1.6 1.6 0 0 0 1.6-1.9l-1-5a1.8 1.8 0 0 0-1.8-1.4H3.5v7h3" />,
);
export const EyeMark = icon(
  <>
    <path d="M2.5 10s2.7-5 7.5-5 7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5Z" />
    <circle cx="10" cy="10" r="2.2" />
  </>,
);
export const TalkMark = icon(<path d="M4 4.5h12v8.5H9.5L6 16v-3H4v-8.5Z" />);
export const LinkMark = icon(
  <path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.6-2.7a3 3 0 0 0-4.2-4.2L10 5.7M11.5 8.5a3 3 0 0 0-4.3 0l-2.6 2.7a3 3 0 0 0 4.2 4.2L10 14.3" />,
);
export const StarMark = icon(<path d="m10 3.2 2.1 4.4 4.7.6-3.5 3.3.9 4.8L10 14l-4.2 2.3.9-4.8-3.5-3.3 4.7-.6L10 3.2Z" />);
