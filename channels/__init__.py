"""The live side of rooms: who is in, what has just happened, and everyone sees it in the same order."""
