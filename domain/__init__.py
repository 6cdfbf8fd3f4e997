"""The rules: what may happen in a room, pure and synchronous."""
