/** Who a guest is, on this device: a random secret, so that they are the same tomorrow, and what they are called. */

const SECRET = "atrium.guest";
const NAME = "atrium.guest_name";
const TOKEN = "atrium.guest_token";

/** Made once; the server knows the guest by it, and nobody else is told. */
export function guestSecret(storage: Storage, random: (bytes: Uint8Array<ArrayBuffer>) => void = fillRandom): string {
  const kept = storage.getItem(SECRET);
  if (kept) return kept;
  const bytes = new Uint8Array(24);
  random(bytes);
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  storage.setItem(SECRET, made);
  return made;
}

export function guestName(storage: Storage): string {
  return storage.getItem(NAME) ?? "";
}

export function keepGuestName(storage: Storage, name: string): void {
  storage.setItem(NAME, name);
}

/** What the server gave for a link last: it proves who the guest was. */
export function guestToken(storage: Storage): string {
  return storage.getItem(TOKEN) ?? "";
}

export function keepGuestToken(storage: Storage, token: string): void {
  storage.setItem(TOKEN, token);
}

export function forgetGuestToken(storage: Storage): void {
  storage.removeItem(TOKEN);
}

/** What the guest had is somebody's now; who comes as a guest next is another one. */
export function forgetGuest(storage: Storage): void {
  for (const key of [SECRET, NAME, TOKEN]) storage.removeItem(key);
}

function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}
