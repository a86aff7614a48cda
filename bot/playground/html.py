"""Telegram's HTML: text with tags in, clean text and entities out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.playground.errors import ApiError, bad_request
from bot.playground.text import Entity, utf16_length

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]{1,6})|#(?P<dec>[0-9]{1,7})|(?P<name>[a-zA-Z]+));?")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>/]+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<token>[\w.-]+)))?"""
)
_LINK = re.compile(r"(?:(?:https?|tg|ton|ftp)://|mailto:|tel:)?[^\s/?#]+\.?[^\s]*", re.IGNORECASE)
_USER_LINK = re.compile(r"tg://user\?id=(\d+)", re.IGNORECASE)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Raises the `can't parse entities` error of the real server where it would."""
    return _Parser(source).parse()


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    piece: int


@dataclass
class _Parser:
    source: str
    pieces: list[str] = field(default_factory=list)
    offset: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        at = 0
        while at < len(self.source):
            tag = self.source.find("<", at)
            self._write(_decode(self.source[at : tag if tag >= 0 else None]))
            if tag < 0:
                break
            at = self._close(tag) if self.source.startswith("</", tag) else self._open(tag)
        if self.stack:
            raise _refuse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return "".join(self.pieces), self.entities

    def _write(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += utf16_length(text)

    def _place(self, at: int) -> str:
        return f"at byte offset {len(self.source[:at].encode())}"

    def _open(self, at: int) -> int:
        name = re.compile(r"[^\s>]*").match(self.source, at + 1)
        assert name is not None
        end = name.end()
        if end == len(self.source):
            raise _refuse(f"Unclosed start tag {self._place(at)}")
        tag = name.group().lower()
        if tag not in _TYPES:
            raise _refuse(f'Unsupported start tag "{tag}" {self._place(at)}')
        argument, end = self._attributes(tag, at, end)
        if tag == "span" and argument != "tg-spoiler":
            raise _refuse(f'Tag "span" must have class "tg-spoiler" {self._place(at)}')
        self.stack.append(_Open(tag, argument, self.offset, len(self.pieces)))
        return end

    def _attributes(self, tag: str, at: int, end: int) -> tuple[str, int]:
        argument = ""
        while True:
            while end < len(self.source) and self.source[end].isspace():
                end += 1
            if end >= len(self.source):
                raise _refuse(f'Unclosed start tag "{tag}" {self._place(at)}')
            if self.source[end] == ">":
                return argument, end + 1
            found = _ATTRIBUTE.match(self.source, end)
            if found is None:
                raise _refuse(f'Empty attribute name in the tag "{tag}" {self._place(at)}')
            value = found["double"] or found["single"] or found["token"] or ""
            argument = _argument(tag, found["name"].lower(), _decode(value), argument)
            end = found.end()

    def _close(self, at: int) -> int:
        if not self.stack:
            raise _refuse(f"Unexpected end tag {self._place(at)}")
        found = re.compile(r"</([^\s>]*)\s*>").match(self.source, at)
        if found is None:
            raise _refuse(f"Unclosed end tag {self._place(at)}")
        opened = self.stack.pop()
        name = found.group(1).lower()
        if name and name != opened.tag:
            raise _refuse(
                f'Unmatched end tag {self._place(at)}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self.offset > opened.offset:
            self._add(opened)
        return found.end()

    def _add(self, opened: _Open) -> None:
        entity: Entity = {
            "type": _TYPES[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        if opened.tag == "a":
            if not _link(entity, opened.argument or "".join(self.pieces[opened.piece :])):
                return
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag in ("pre", "code"):
            if opened.argument:
                entity["language"] = opened.argument
            if self._joins_code(entity):
                return
        self.entities.append(entity)

    def _joins_code(self, entity: Entity) -> bool:
        """`<pre><code class="language-x">` is one entity, with its language."""
        last = self.entities[-1] if self.entities else {}
        same = (last.get("offset"), last.get("length")) == (entity["offset"], entity["length"])
        if not same or {last.get("type"), entity["type"]} != {"pre", "code"}:
            return False
        language = last.get("language") or entity.get("language")
        if not language:
            return False
        last.update(type="pre", language=language)
        return True


def _argument(tag: str, name: str, value: str, argument: str) -> str:
    if (tag, name) == ("a", "href") or (tag, name) == ("span", "class"):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("blockquote", "expandable"):
        return "1"
    return argument


def _link(entity: Entity, url: str) -> bool:
    user = _USER_LINK.fullmatch(url)
    if user:
        entity.update(type="text_mention", user={"id": int(user[1]), "is_bot": False, "first_name": ""})
        return True
    if not _LINK.fullmatch(url) or ("." not in url and "://" not in url):
        return False
    if "://" not in url and not url.startswith(("mailto:", "tel:")):
        url = "http://" + url
    scheme, mark, rest = url.partition("://")
    host, _, path = rest.partition("/")
    entity["url"] = f"{scheme.lower()}://{host.lower()}/{path}" if mark and scheme != "tg" else url
    return True


def _decode(text: str) -> str:
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    if found["name"]:
        return _NAMED.get(found["name"], found.group())
    code = int(found["hex"], 16) if found["hex"] else int(found["dec"])
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return found.group()
    return chr(code)


def _refuse(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")
