"""The rows of ``share`` rooms."""
