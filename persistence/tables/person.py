"""The rows of ``person`` rooms."""
