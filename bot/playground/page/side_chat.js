// A chat of two people without the bot, behind the one with it. Known to this tab only.

import { avatar, h, icon } from "./dom.js";
import { richText } from "./entities.js";
import { hhmm } from "./format.js";
import { InlineResults } from "./inline_results.js";
import { webLink } from "./links.js";

const KEY = "stillhere.side-chats";
const KEPT = 60;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

const nameOf = (one, other) => [one, other].sort((a, b) => a - b).join(" ");

export class SideChat {
  /** On `phone`; the other one in it is whoever has the other phone. */
  constructor(phone) {
    this.phone = phone;
    this.other = null;
    this.unread = 0;
    this.drawn = new Map();
    this.name = h("b", {}, "");
    this.face = h("span", { class: "side-face" });
    this.back = h("button", { type: "button", class: "round-button", "aria-label": "Back to the bot", onclick: () => this.close() }, icon("back"));
    this.list = h("div", { class: "list" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0" }, this.list);
    this.field = h("textarea", { rows: "1", maxlength: "4096", dir: "auto", autocomplete: "off", enterkeyhint: "send" });
    this.results = new InlineResults(phone, this.field, (result) => this.#choose(result), () => this.close());
    this.send = h("button", { type: "submit", class: "round-button send", "aria-label": "Send" }, icon("send"));
    this.form = h("form", { class: "write" }, h("div", { class: "field-box" }, this.field), this.send);
    this.node = h("section", { class: "side-chat", hidden: true },
      h("header", { class: "chat-head" }, this.back, this.face, h("span", { class: "chat-name" }, this.name, h("small", {}, "a chat without the bot"))),
      h("div", { class: "chat" }, this.log),
      h("footer", { class: "composer" }, this.results.node, this.form));
    this.badge = h("span", { class: "side-badge", hidden: true });
    this.opener = h("button", { type: "button", class: "round-button side-opener", hidden: true, onclick: () => this.open() }, icon("person"), this.badge);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
  }

  get isOpen() { return !this.node.hidden; }

  /** Who has the other phone now; with somebody else there it is another chat. */
  update() {
    const { person, table } = this.phone;
    const other = person.id === null ? null : table.other(this.phone)?.person;
    const there = other && other.id !== null ? other : null;
    const changed = there?.id !== this.other?.id || person.id !== this.owner;
    this.other = there;
    this.owner = person.id;
    this.opener.hidden = !there;
    if (changed) {
      this.close();
      this.#count(0);
    }
    if (!there) return;
    const { first_name: name } = there;
    this.name.textContent = name;
    this.face.replaceChildren(avatar(there));
    this.node.setAttribute("aria-label", `Chat with ${name}`);
    this.log.setAttribute("aria-label", `Messages with ${name}`);
    this.field.setAttribute("aria-label", `Message to ${name}`);
    this.field.placeholder = `Message, or @${this.phone.bot.username}`;
    this.#count(this.unread);
  }

  /** Opens it; with a `query`, what the bot offers for it stands there at once. */
  open(query) {
    if (!this.other) return this.phone.toast("There is nobody to write to yet: add a person.");
    this.node.hidden = false;
    this.phone.screen.classList.add("elsewhere");
    this.#count(0);
    this.draw();
    if (query !== undefined) this.#fill(`@${this.phone.bot.username} ${query}`);
    this.field.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.phone.screen.classList.remove("elsewhere");
    this.#fill("");
    if (this.opener.checkVisibility()) this.opener.focus({ preventScroll: true });
    else this.phone.composer.focus();
  }

  draw() {
    if (!this.isOpen) return;
    const messages = read()[nameOf(this.owner, this.other.id)] ?? [];
    // What stands there stays: only what is new is drawn.
    const known = this.drawn;
    this.drawn = new Map();
    messages.forEach((message, at) => {
      const key = JSON.stringify([this.owner, message]);
      const node = known.get(key) ?? this.#message(message);
      node.classList.toggle("first", messages[at - 1]?.from !== message.from);
      node.classList.toggle("last", messages[at + 1]?.from !== message.from);
      this.drawn.set(key, node);
    });
    const nodes = messages.length ? [...this.drawn.values()] : [this.#hint()];
    for (const node of [...this.list.children]) if (!nodes.includes(node)) node.remove();
    this.list.append(...nodes.filter((node) => node.parentNode !== this.list));
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: "instant" });
  }

  /** The other one wrote. */
  noticed(name, text) {
    this.draw();
    if (this.isOpen) {
      this.phone.stream.announcer.note(`${this.phone.person.first_name}'s phone, from ${name}: ${text}`);
      return;
    }
    this.#count(this.unread + 1);
    this.phone.toast(`${name}: ${text}`);
  }

  hear(data) { this.results.hear(data); }

  #count(unread) {
    this.unread = unread;
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread;
    const label = `Chat with ${this.other?.first_name ?? "nobody"}`;
    this.opener.setAttribute("aria-label", unread ? `${label}, ${unread} new` : label);
    this.opener.title = label;
  }

  #hint() {
    const { username } = this.phone.bot;
    return h("div", { class: "greeting" }, h("b", {}, `You and ${this.other.first_name}`),
      h("span", {}, "The bot is not in this chat. Type its name and a space to see what it offers to send: "),
      h("button", { type: "button", class: "side-try", onclick: () => { this.#fill(`@${username} `); this.field.focus(); } }, `@${username}`));
  }

  #message({ from, text, entities, at, via }) {
    const own = from === this.owner;
    const writer = own ? this.phone.person : this.other;
    const words = richText(text, entities ?? [], {
      commands: [], command: () => {},
      link: (address) => { const url = webLink(address); if (url) window.open(url, "_blank", "noopener,noreferrer"); },
      copy: (what, note) => this.phone.copy(what, note),
    });
    return h("article", { class: `message ${own ? "own" : "bot"}`, "aria-label": `${writer.first_name}, ${hhmm(at)}` },
      h("div", { class: "bubble" }, via ? h("small", { class: "via" }, `via @${via}`) : null,
        h("div", { class: "words" }, h("span", { class: "text", dir: "auto" }, words),
          h("span", { class: "meta" }, h("time", { datetime: new Date(at).toISOString() }, hhmm(at)), own ? icon("ticks") : null))));
  }

  #put(message) {
    const all = read();
    const name = nameOf(this.owner, this.other.id);
    all[name] = [...(all[name] ?? []), { from: this.owner, at: this.phone.now(), ...message }].slice(-KEPT);
    sessionStorage.setItem(KEY, JSON.stringify(all));
    this.#fill("");
    this.draw();
    const { table, person } = this.phone;
    const there = table.other(this.phone);
    there.side.noticed(person.first_name, message.text);
    table.noticed(there);
  }

  #choose({ text, entities }) {
    this.#put({ text, entities, via: this.phone.bot.username });
    this.field.focus({ preventScroll: true });
  }

  #submit() {
    const text = this.field.value.trim();
    if (this.results.query !== null) this.results.focus();
    else if (text) this.#put({ text });
  }

  #fill(text) {
    this.field.value = text;
    this.#typed();
  }

  #typed() {
    const { field } = this;
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
    this.send.classList.toggle("ready", field.value.trim() !== "");
    this.results.typed(field.value);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && this.results.open) {
      event.preventDefault();
      this.results.focus(-1);
    } else if (event.key === "Escape" && this.results.open) {
      event.stopPropagation();
      this.results.close();
    }
  }
}
