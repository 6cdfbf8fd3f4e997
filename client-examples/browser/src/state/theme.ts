/** Light, dark, or as the device has it. */
import { Store } from "./store";

export type Theme = "system" | "light" | "dark";

const KEY = "atrium.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = new Store<Theme>("system");

export function startTheme(root: HTMLElement, storage: Storage): void {
  const show = (): void => {
    root.dataset["theme"] = theme.get();
    storage.setItem(KEY, theme.get());
  };
  const kept = THEMES.find((one) => one === storage.getItem(KEY));
  theme.set(kept ?? "system");
  theme.subscribe(show);
  show();
}

export function nextTheme(now: Theme): Theme {
  return THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? "system";
}
