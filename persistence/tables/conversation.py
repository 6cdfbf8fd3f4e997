"""The rows of ``conversation`` rooms."""
