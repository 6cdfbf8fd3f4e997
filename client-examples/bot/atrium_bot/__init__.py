"""A bot that reports a Claude Code run into a workspace, and one that answers in conversations.

Reporting: lines in, commands out.

    lines (source) -> facts (claude_lines) -> steps (story) -> commands (reporter) -> the room (room)

``claude_lines`` and ``story`` are pure: the same lines always make the same steps. Together with command ids that follow from the
execution and the line's number (``ids``), that is what lets a bot which died be started again and carry on: what it repeats is
answered as before, and happens once.

Answering: a question in, a turn out.

    the room (conversation) -> what to answer (answerer) -> words (models, claude_model) -> pieces (teller) -> the room

What the room keeps of a turn is the bot's memory of it: a next start reads it there and goes on behind the last word.
"""
