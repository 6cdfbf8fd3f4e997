import type { JSX } from "preact";
import { nextTheme, type Theme, theme } from "../state/theme";
import { useStore } from "./hooks";
import { HalfMark, MoonMark, SunMark } from "./icons";

const WORDS: Record<Theme, string> = { system: "as the device has it", light: "light", dark: "dark" };

export function ThemeToggle(): JSX.Element {
  const now = useStore(theme);
  const label = `Colours: ${WORDS[now]}. Change to ${WORDS[nextTheme(now)]}`;
  return (
    <button type="button" class="button button-icon" aria-label={label} title={label} onClick={() => theme.update(nextTheme)}>
      {now === "light" ? <SunMark /> : now === "dark" ? <MoonMark /> : <HalfMark />}
    </button>
  );
}
