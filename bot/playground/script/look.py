"""What a person sees: messages, their buttons, and a chat at one moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]


def shown(message: Message) -> str:
    """What a person sees of a message: its text, or what kind it is and what stands under it."""
    if "text" in message:
        return str(message["text"])
    kinds = ("photo", "animation", "video", "document", "sticker", "voice", "location", "contact", "dice")
    kind = next((f"[{kind}]" for kind in kinds if kind in message), "[something]")
    return f"{kind} {message['caption']}" if message.get("caption") else kind


def buttons(message: Message) -> list[dict[str, Any]]:
    """The inline buttons under a message, in reading order."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def from_bot(message: Message) -> bool:
    return bool(message.get("from", {}).get("is_bot"))


@dataclass
class Chat:
    """A chat as its owner sees it at one moment."""

    owner: str
    messages: list[Message]
    keyboard: dict[str, Any] | None = None

    def fingerprints(self) -> dict[int, str]:
        """What tells an untouched message of the bot from a new or edited one."""
        return {
            message["message_id"]: json.dumps([shown(message), message.get("reply_markup")], sort_keys=True)
            for message in self.messages
            if from_bot(message)
        }

    def since(self, before: Mapping[int, str]) -> list[Message]:
        """The bot's messages that are new or edited since `before`."""
        now = self.fingerprints()
        return [m for m in self.messages if now.get(m["message_id"], "") != before.get(m["message_id"], "")]

    def labels(self) -> list[str]:
        """The labels of the keyboard below the chat."""
        rows = (self.keyboard or {}).get("keyboard", [])
        return [key if isinstance(key, str) else key["text"] for row in rows for key in row]

    def __str__(self) -> str:
        lines = [f"── {self.owner}'s chat " + "─" * 50]
        for message in self.messages[-12:]:
            who = "bot" if from_bot(message) else self.owner
            for number, line in enumerate(shown(message).splitlines() or [""]):
                lines.append(f"{who if not number else '':>10} │ {line}")
            for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
                lines.append(f"{'':>10} │ " + " ".join(f"[{button['text']}]" for button in row))
        if not self.messages:
            lines.append(f"{'':>10} │ (nothing yet)")
        if self.keyboard:
            lines.append("  keyboard │ " + " ".join(f"[{label}]" for label in self.labels()))
        return "\n".join(lines)
