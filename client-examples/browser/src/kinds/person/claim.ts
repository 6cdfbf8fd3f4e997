/** Signing in takes over what one did as a guest on this device. */
import { bearer, HttpRefused, postJson } from "../../wire/http";
import { forgetGuest, forgetGuestToken, guestToken } from "../share/guest";

/** Once per guest. Where there is no answer it is tried again at the next signing in; a refusal is final. */
export async function claimGuest(storage: Storage, token: string, post: typeof postJson = postJson): Promise<void> {
  const guest_token = guestToken(storage);
  if (!guest_token) return;
  try {
    await post("/me/claim", { guest_token }, bearer(token));
    forgetGuest(storage);
  } catch (error) {
    if (error instanceof HttpRefused && error.status >= 400 && error.status < 500) forgetGuestToken(storage);
  }
}
