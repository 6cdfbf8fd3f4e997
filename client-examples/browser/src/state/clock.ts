/** The one clock of this page: the server's, once it has told it. A phone's own may be wrong by hours. */
import { ServerClock } from "../wire/clock";

export const pageClock = new ServerClock();
