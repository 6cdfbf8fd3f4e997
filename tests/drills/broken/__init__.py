"""Servers that are broken on purpose, each in one way. Only drills start them: nothing of the product can be set to do this."""
