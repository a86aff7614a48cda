// Message text with its entities, as DOM nodes. Offsets are UTF-16 units, as JavaScript strings are.

import { h, icon } from "./dom.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const AUTOMATIC = new Set(["url", "bot_command", "mention", "email", "phone_number", "hashtag", "cashtag"]);

/**
 * `on` says what a tap does: `command(text)`, `link(address)`, `copy(text, what)`; `commands` is the
 * bot's list, for commands that came without an entity, which Telegram would have marked.
 */
export function richText(text, entities, on) {
  const given = (entities ?? []).filter((entity) => entity.length > 0);
  const all = [...given, ...found(text, given, on.commands ?? [])];
  all.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nest(text, 0, text.length, all, on);
}

function nest(text, start, end, entities, on) {
  const nodes = [];
  let at = start;
  let i = 0;
  const plain = (until) => {
    if (until > at) nodes.push(document.createTextNode(text.slice(at, until)));
    at = Math.max(at, until);
  };
  while (i < entities.length) {
    const entity = entities[i++];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    const block = BLOCKS.has(entity.type);
    plain(block && text[from - 1] === "\n" && from - 1 >= at ? from - 1 : from);
    at = from;
    const inner = [];
    while (i < entities.length && entities[i].offset < to) inner.push(entities[i++]);
    nodes.push(wrap(entity, text.slice(from, to), nest(text, from, to, inner, on), on));
    at = block && text[to] === "\n" && to < end ? to + 1 : to;
  }
  plain(end);
  return nodes;
}

function wrap(entity, content, children, on) {
  switch (entity.type) {
    case "bold": return h("strong", {}, children);
    case "italic": return h("em", {}, children);
    case "underline": return h("u", {}, children);
    case "strikethrough": return h("s", {}, children);
    case "spoiler": return spoiler(children);
    case "code": return pressed(h("code", { role: "button", tabindex: "0", title: "Copy" }, children), () => on.copy(content, "Copied"));
    case "pre": return pre(entity, content, children, on);
    case "blockquote": return h("blockquote", {}, children);
    case "expandable_blockquote": return foldedQuote(children);
    case "text_link": return link(entity.url, children, on);
    case "url": return link(content, children, on);
    case "bot_command": return inert("command", children, () => on.command(content.replace(/@.*$/, "")));
    case "email": return inert("address", children, () => on.copy(content, "Address copied"));
    case "phone_number": return inert("address", children, () => on.copy(content, "Number copied"));
    case "mention": case "text_mention": case "hashtag": case "cashtag":
      return h("span", { class: "mention" }, children);
    default: return h("span", {}, children);
  }
}

function link(address, children, on) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
  const safe = /^(https?|tg):/i.test(full);
  return h("a", {
    href: safe ? full : "#", rel: "noopener noreferrer", target: "_blank",
    onclick: (event) => { event.preventDefault(); if (safe) on.link(full); },
  }, children);
}

// A word in the text that acts when tapped but leads to no page.
function inert(className, children, act) {
  return h("a", { class: className, href: "#", role: "link", onclick: (event) => { event.preventDefault(); act(); } }, children);
}

/** A piece of text that acts like a button, but breaks like text. */
function pressed(node, act) {
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  return node;
}

function spoiler(children) {
  const node = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, show it" }, h("span", {}, children));
  return pressed(node, () => {
    node.classList.add("shown");
    for (const name of ["role", "aria-label"]) node.removeAttribute(name);
    node.tabIndex = -1; // so the focus stays where it is
  });
}

function pre(entity, content, children, on) {
  const copy = h("button", { type: "button", class: "pre-copy", "aria-label": "Copy this text", onclick: () => on.copy(content, "Copied") }, icon("copy"));
  return h("div", { class: "pre" }, entity.language ? h("span", { class: "pre-name" }, entity.language) : null, copy, h("pre", {}, children));
}

function foldedQuote(children) {
  const quote = h("blockquote", { class: "folding" }, h("div", { class: "fold" }, children));
  const toggle = h("button", { type: "button", class: "unfold", "aria-expanded": "false" }, "Show more");
  toggle.addEventListener("click", () => {
    const open = quote.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? "Show less" : "Show more";
  });
  quote.append(toggle);
  return quote;
}

/** Web addresses and the bot's own commands that no entity covers yet. */
function found(text, given, commands) {
  const covered = (from, to) => given.some((entity) =>
    (AUTOMATIC.has(entity.type) || ["text_link", "code", "pre"].includes(entity.type))
    && from < entity.offset + entity.length && to > entity.offset);
  const extra = [];
  const add = (type, offset, length) => {
    if (!covered(offset, offset + length)) extra.push({ type, offset, length });
  };
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"“”]+/gi)) {
    add("url", match.index, match[0].replace(/[.,;:!?)\]'’]+$/, "").length);
  }
  const known = new Set(commands.map((command) => command.command));
  for (const match of text.matchAll(/(^|[\s(])\/([a-z0-9_]{1,32})(?![\w/@])/gi)) {
    if (known.has(match[2].toLowerCase())) add("bot_command", match.index + match[1].length, match[2].length + 1);
  }
  return extra;
}
