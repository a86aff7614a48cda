"""What can be wrong with a transcript, and while it is played."""


class TranscriptError(ValueError):
    """The transcript itself is wrong."""


class UnexpectedError(AssertionError):
    """Something was not as the transcript (or the test) says; the text shows the chats."""
