"""The bot's words by their keys, as the transcripts name them."""

from bot.playground.script.words import Words, pattern, plain, squeezed, words_of

__all__ = ["Words", "pattern", "plain", "squeezed", "words_of"]
