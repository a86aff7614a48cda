"""Where the transcripts lie. `bot/playground/script` reads and plays them."""

from pathlib import Path

from bot.playground.script.errors import TranscriptError
from bot.playground.script.player import Runner, play
from bot.playground.script.transcript import Step, Transcript, load, seconds

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"

__all__ = ["FOLDER", "Runner", "Step", "Transcript", "TranscriptError", "load", "play", "seconds"]
