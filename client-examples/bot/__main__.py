"""``python client-examples/bot …`` from a checkout; ``atrium-bot …`` where it is installed."""

import sys

from atrium_bot.cli import main

sys.exit(main())
