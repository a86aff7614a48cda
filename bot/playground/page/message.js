// One message: a bubble with its parts, and its buttons below. Only the part that changed is redrawn.

import { h, icon } from "./dom.js";
import { richText } from "./entities.js";
import { hhmm } from "./format.js";
import { InlineKeyboard } from "./inline_keyboard.js";
import { drawMedia, mediaOf } from "./media.js";

const BARE = new Set(["sticker", "dice", "round"]);

export class MessageView {
  constructor(phone, message) {
    this.phone = phone;
    this.own = message.from?.id === phone.person.id;
    this.at = message.date * 1000;
    this.drawn = {};
    this.quote = h("div", { class: "quoted", hidden: true });
    this.media = h("div", { class: "media", hidden: true });
    const lang = phone.person.language_code;
    this.text = h("span", { class: "text", dir: "auto", lang, id: `text-${phone.person.id}-${message.message_id}`, "data-text": true });
    this.edited = h("span", { class: "edited", hidden: true }, "edited");
    const silent = message.silent && h("span", { class: "silent", role: "img", "aria-label": "without sound", title: "Arrived without sound" }, icon("mute"));
    this.meta = h("span", { class: "meta" }, silent, this.edited,
      h("time", { datetime: new Date(this.at).toISOString() }, hhmm(this.at)),
      this.own ? (this.tick = h("span", { class: "tick", role: "img", "aria-label": "sent" }, icon("tick"))) : null);
    this.words = h("div", { class: "words" }, this.text, this.meta);
    this.bubble = h("div", { class: "bubble" }, this.quote, this.media, this.words);
    this.keyboard = new InlineKeyboard(phone);
    this.node = h("article", {
      class: `message ${this.own ? "own" : "bot"}`, tabindex: "-1", "data-message-id": message.message_id,
      "aria-label": `${this.own ? phone.person.first_name : phone.bot.first_name}, ${hhmm(this.at)}`, "aria-describedby": this.text.id,
    }, this.bubble, this.keyboard.node);
    this.node.addEventListener("contextmenu", (event) => this.#menu(event));
    this.node.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === this.node) this.#menu(event); });
    this.bubble.addEventListener("dblclick", (event) => {
      if (!event.target.closest("a, button, code, pre")) phone.replyTo(this.message);
    });
    this.update(message);
  }

  /** One tick: sent; two: the bot has it. */
  received(done) {
    if (!this.tick || !done || this.tick.dataset.done) return;
    this.tick.dataset.done = "yes";
    this.tick.setAttribute("aria-label", "received");
    this.tick.replaceChildren(icon("ticks"));
  }

  update(message) {
    this.message = message;
    const media = mediaOf(message);
    const text = message.text ?? message.caption ?? "";
    const entities = message.entities ?? message.caption_entities ?? [];
    const service = media?.kind === "service";
    this.node.classList.toggle("service", service);
    this.bubble.classList.toggle("bare", BARE.has(media?.kind));
    this.bubble.classList.toggle("pictured", ["photo", "animation", "video"].includes(media?.kind));
    this.bubble.classList.toggle("captioned", Boolean(text));
    this.#part("quote", message.reply_to_message ?? null, this.quote, (other) => this.#quoted(other));
    this.#part("media", media, this.media, (what) => (service ? [what.words] : [drawMedia(what, this.media.firstChild)]));
    this.#part("text", text ? { text, entities } : null, this.text, () => richText(text, entities, {
      commands: this.phone.bot.commands,
      command: (command) => this.phone.say(command),
      link: (address) => this.phone.follow(address),
      copy: (words, note) => this.phone.copy(words, note),
    }));
    const last = this.text.lastChild;
    this.text.classList.toggle("ends-in-block", last?.nodeType === 1 && last.matches("blockquote, .pre"));
    this.edited.hidden = !(this.own && message.edit_date);
    this.keyboard.update(message, this.node);
  }

  #part(name, value, slot, build) {
    const key = JSON.stringify(value);
    if (this.drawn[name] === key) return;
    this.drawn[name] = key;
    const focused = slot.contains(document.activeElement);
    const place = stops(slot).indexOf(document.activeElement);
    slot.hidden = value === null;
    slot.replaceChildren(...(value === null ? [] : build(value)));
    // What stands in its place now has the focus, else the message.
    if (focused) (stops(slot)[place] ?? this.node).focus({ preventScroll: true });
  }

  #quoted(other) {
    const name = other.from?.id === this.phone.person.id ? this.phone.person.first_name : this.phone.bot.first_name;
    const go = () => this.phone.stream.show(other.message_id);
    return [h("button", { type: "button", onclick: go, "aria-label": `Go to the message replied to, from ${name}` },
      h("b", {}, name), h("span", {}, summary(other)))];
  }

  #menu(event) {
    if (event.target.closest("a, textarea") || String(getSelection())) return;
    event.preventDefault();
    const text = this.message.text ?? this.message.caption ?? "";
    this.phone.menu("Message", [
      { label: "Reply", act: () => { setTimeout(() => this.phone.replyTo(this.message)); } },
      text && { label: "Copy text", act: () => this.phone.copy(text, "Copied") },
      this.own && this.message.text && { label: "Edit", act: () => { setTimeout(() => this.phone.editOwn(this.message)); } },
    ]);
  }
}

const stops = (slot) => [...slot.querySelectorAll("a, button, video, [tabindex]")];

function kindOf(message) {
  const kind = mediaOf(message)?.kind ?? "message";
  const name = { photo: "picture", place: "location", round: "video message", voice: "voice message", service: "message" }[kind] ?? kind;
  return name[0].toUpperCase() + name.slice(1);
}

/** One line that stands for a message. */
export function summary(message) {
  const text = message.text ?? message.caption;
  return text ? text.replace(/\s+/g, " ").slice(0, 120) : kindOf(message);
}

/** What is said of a message: its words, and what else it is. */
export function spoken(message) {
  return message.text ?? [kindOf(message), message.document?.file_name, message.caption].filter(Boolean).join(". ");
}
