// One phone: whose it is, what it shows, and what its owner can do.

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { copyText, h, icon } from "./dom.js";
import { hhmm, phoneOf } from "./format.js";
import { Taps } from "./inline_keyboard.js";
import { botLink, shareLink, webLink } from "./links.js";
import { PhoneHead } from "./phone_head.js";
import { ReplyKeyboard } from "./reply_keyboard.js";
import { keepShare, sharesFor } from "./shares.js";
import { SideChat } from "./side_chat.js";
import { alertSheet, askSheet, menuSheet, openSheet, personSheet, placeSheet } from "./sheets.js";
import { Stream } from "./stream.js";

const NOBODY = { id: null, first_name: "Nobody", started: false, blocked: false };

export class Phone {
  /** `table` is the page: `bot`, `people`, `now()`, `other(phone)`, `assign(phone, id)`, `noticed(phone)`. */
  constructor(table, side) {
    this.table = table;
    this.person = NOBODY;
    this.taps = new Taps(this, (messageId, data) => api.tap(this.person.id, messageId, data));
    this.side = new SideChat(this);
    this.head = new PhoneHead(this, side);
    this.stream = new Stream(this);
    this.composer = new Composer(this);
    this.replyKeyboard = new ReplyKeyboard(this);
    this.toasts = h("div", { class: "toasts", role: "status" });
    this.stream.node.append(this.toasts);
    this.empty = h("div", { class: "nobody" }, icon("person"), h("p", {}, "Nobody has this phone yet."),
      h("button", { type: "button", class: "big", onclick: () => this.addPerson() }, "Add a person"));
    this.screen = h("div", { class: "screen" }, this.head.status, this.head.bar, this.stream.node, this.composer.node, this.replyKeyboard.node, this.side.node, this.empty);
    this.section = h("section", { class: `phone ${side}` }, this.head.owner, h("div", { class: "frame" }, this.screen));
    this.reloading = null;
    this.#label();
  }

  /** The bot as its owner's phone shows it: with the menu and the words of their language. */
  get bot() {
    const { bot } = this.table;
    return { ...bot, ...bot.by_language?.[(this.person?.language_code ?? "").slice(0, 2)] };
  }

  now() { return this.table.now(); }

  /** Gives the phone to a person (or to nobody); the same person with news is drawn in place. */
  async setPerson(person) {
    const changed = person?.id !== this.person.id;
    this.person = person ?? NOBODY;
    if (changed) {
      this.stream.clear();
      this.taps.pending.clear();
      this.replyKeyboard.set(null);
      this.screen.querySelector(".veil-sheet")?.close();
      this.composer.setContext(null);
    }
    this.#label();
    if (person) await this.reload();
  }

  #label() {
    const { person } = this;
    const nobody = person.id === null;
    this.section.setAttribute("aria-label", nobody ? "A phone without a person" : phoneOf(person));
    if (nobody) delete this.section.dataset.phone;
    else this.section.dataset.phone = person.id;
    this.screen.classList.toggle("without-person", nobody);
    this.head.update();
    this.stream.greet();
    if (!nobody) this.composer.update();
  }

  /** Reads the chat again; if something happened meanwhile, once more. */
  async reload() {
    const id = this.person.id;
    if (id === null) return;
    if (this.reloading) { this.reloading.again = true; return; }
    const run = (this.reloading = { again: false });
    try {
      const { messages, keyboard } = await api.messages(id);
      if (this.person.id === id && !run.again) {
        this.stream.replaceAll(messages);
        this.stream.setShares(sharesFor(id));
        this.replyKeyboard.set(keyboard);
        this.#forcedReply(this.stream.newest()?.message);
      }
    } catch { /* the events come back with the server, and with them the next reload */ }
    this.reloading = null;
    if (run.again || this.person.id !== id) await this.reload();
  }

  /** An event about this phone's person. */
  hear(name, data) {
    if (this.reloading && ["message", "edited", "deleted", "keyboard"].includes(name)) this.reloading.again = true;
    if (name === "message" || name === "edited") {
      this.stream.put(data.message);
      if (name === "message") this.#forcedReply(data.message);
      if (name === "message") this.table.noticed(this);
    } else if (name === "deleted") this.stream.remove(data.message_id);
    else if (name === "keyboard") this.replyKeyboard.set(data.keyboard);
    else if (name === "answer") this.taps.answer(data);
    else if (name === "inline") this.side.hear(data);
    else if (name === "action") this.stream.action(data.action);
  }

  #forcedReply(message) {
    const asked = message?.force_reply ?? (message?.reply_markup?.force_reply ? message.reply_markup : null);
    if (!asked || this.composer.context) return;
    this.composer.setContext("reply", message);
    this.composer.placeholder(asked.input_field_placeholder);
  }

  // What the owner does. Each answers whether it went through.

  async #do(call) {
    try {
      const message = await call;
      if (message?.message_id) this.stream.put(message);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  say(text, replyTo) { return this.#do(api.say(this.person.id, text, replyTo)); }
  edit(message, text) { return this.#do(api.edit(this.person.id, message.message_id, text)); }
  press(text, place) { return this.#do(api.press(this.person.id, text, place)); }
  open(link) { return this.#do(api.open(this.person.id, link)); }
  sendMedia(kind) { return this.#do(api.media(this.person.id, kind)); }
  sendPlace(place) { return this.#do(api.location(this.person.id, place)); }

  async start() {
    const { person } = this;
    const done = await this.say("/start");
    if (done) this.table.changed({ ...person, started: true });
    return done;
  }

  async setBlocked(blocked) {
    const { id } = this.person;
    const done = await this.#do((blocked ? api.block(id) : api.unblock(id)).then((person) => this.table.changed(person)));
    if (done) this.toast(blocked ? "Blocked. The bot cannot write here now." : "Unblocked.");
    return done;
  }

  replyTo(message) {
    this.composer.setContext("reply", message);
    this.composer.focus();
  }

  editOwn(message) {
    this.composer.setContext("edit", message);
    this.composer.focus();
  }

  // Links. The bot's own links open on a phone, best on the other one.

  follow(address, here = false) {
    const own = botLink(address, this.bot.username);
    const share = shareLink(address);
    if (own && here) this.open(own);
    else if (own) this.#chooseWhere(own);
    else if (share) this.#confirmShare(share);
    else this.#leave(webLink(address));
  }

  #chooseWhere(link) {
    const other = this.table.other(this);
    const on = (phone, kind) => phone?.person.id && { label: `Open on ${phoneOf(phone.person)}`, kind, act: () => { this.table.show(phone); phone.open(link); } };
    askSheet(this.screen, "Open this link", link, [
      on(other, "primary"), on(this, other?.person.id ? "" : "primary"),
      { label: "Copy the link", act: () => { this.copy(link, "Link copied"); } },
    ].filter(Boolean));
  }

  #confirmShare({ url, text }) {
    const other = this.table.other(this);
    if (!other?.person.id) return this.toast("There is nobody to share with yet: add a person.");
    const { first_name: name, id } = other.person;
    const share = () => {
      const after = other.stream.newest()?.message.message_id ?? 0;
      keepShare(id, { id: `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`, from: { id: this.person.id, first_name: this.person.first_name }, text, url, at: this.now(), after });
      other.stream.setShares(sharesFor(id));
      this.table.noticed(other);
      this.toast(`Shared with ${name}.`);
    };
    const full = [text, url].filter(Boolean).join("\n\n");
    return askSheet(this.screen, `Share with ${name}?`, full, [{ label: `Share to ${name}`, kind: "primary", act: share }, { label: "Copy", act: () => { this.copy(full, "Copied"); } }]);
  }

  #leave(address) {
    if (!address) return this.toast("This phone cannot open that.");
    return askSheet(this.screen, "Leave the playground?", address, [
      { label: "Open in a new tab", kind: "primary", act: () => { window.open(address, "_blank", "noopener,noreferrer"); } },
      { label: "Copy the link", act: () => { this.copy(address, "Link copied"); } },
    ]);
  }

  // Words from the phone to its owner.

  async copy(text, note = "Copied") {
    this.toast((await copyText(text)) ? note : "Copying is not allowed here. Select the text instead.");
  }

  toast(text) {
    const node = h("div", { class: "toast", dir: "auto" }, text);
    this.toasts.replaceChildren(node);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => node.remove(), Math.max(2600, text.length * 55));
  }

  alert(text) { alertSheet(this.screen, this.bot.first_name, text); }
  failed(error) { this.toast(error.message || "That did not work."); }
  menu(title, actions) { menuSheet(this.screen, title, actions.filter(Boolean)); }
  ask(options) { openSheet(this.screen, options); }
  askPlace(then) { placeSheet(this.screen, then); }

  addPerson() {
    personSheet(this.screen, async (fields) => {
      try {
        const person = await api.addPerson(fields);
        this.table.changed(person);
        await this.table.assign(this, person.id);
      } catch (error) { this.failed(error); }
    });
  }

  status(action) { this.head.setAction(action); }

  tick(now) {
    this.head.clock.textContent = hhmm(now);
  }
}
