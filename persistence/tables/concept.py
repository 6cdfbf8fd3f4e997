"""The rows of ``concept`` and ``quote`` rooms, and of sellers."""
