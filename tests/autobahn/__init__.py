"""The Autobahn test-suite (RFC 6455 and 7692, 517 cases) against our own sockets, with an echo where the rooms would be."""
