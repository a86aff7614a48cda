// The buttons under a message. A tapped callback button waits for its answer, five seconds at most.

import { h, icon, idle, ready } from "./dom.js";

const ICONS = { url: "away", login_url: "away", web_app: "away", copy_text: "copy", switch_inline_query: "share", switch_inline_query_current_chat: "share", switch_inline_query_chosen_chat: "share" };
const STYLES = new Set(["primary", "success", "danger"]);

export class InlineKeyboard {
  constructor(phone) {
    this.phone = phone;
    this.node = h("div", { class: "inline-keyboard", role: "group", "aria-label": "Buttons", hidden: true });
    this.drawn = "[]";
    this.buttons = new Map();
    this.nodes = new Map();
    this.node.addEventListener("keydown", (event) => this.#key(event));
  }

  update(message, article) {
    const rows = message.reply_markup?.inline_keyboard ?? [];
    const key = JSON.stringify(rows);
    if (key === this.drawn) return;
    this.drawn = key;
    const had = this.node.contains(document.activeElement) ? document.activeElement : null;
    const place = this.#all().indexOf(had);
    const known = this.nodes;
    this.nodes = new Map();
    this.buttons.clear();
    this.node.hidden = rows.length === 0;
    this.node.replaceChildren(...rows.map((row) => h("div", { class: "row" }, row.map((button) => this.#kept(known, message, button)))));
    this.#wait();
    // The same button keeps the focus; else the one in its place.
    if (had) (had.isConnected ? had : this.#all()[place] ?? this.#all().at(-1) ?? article).focus({ preventScroll: true });
  }

  #all() { return [...this.node.querySelectorAll("button")]; }

  // A button that stays is not drawn again: an edit does not flicker.
  #kept(known, message, button) {
    const key = JSON.stringify(button);
    const node = known.get(key) ?? this.#button(message, button);
    known.delete(key);
    this.nodes.set(key, node);
    if (button.callback_data !== undefined) this.buttons.set(tapName(message.message_id, button.callback_data), node);
    return node;
  }

  // While one of the buttons waits for its answer, none takes another tap.
  #wait() {
    const { pending } = this.phone.taps;
    const waiting = [...this.buttons.keys()].some((name) => pending.has(name));
    for (const [name, node] of this.buttons) {
      node.classList.toggle("busy", pending.has(name));
      idle(node, waiting);
    }
  }

  // The arrows go from button to button as they lie; Escape leads back to the field.
  #key(event) {
    const all = this.#all();
    const at = document.activeElement;
    if (event.key === "Escape") return this.phone.composer.focus();
    const rows = [...this.node.children];
    const row = rows.indexOf(at.parentElement);
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    let to = across ? all[all.indexOf(at) + across] : null;
    if (along && rows[row + along]) {
      const column = [...at.parentElement.children].indexOf(at);
      const next = [...rows[row + along].children];
      to = next[Math.min(column, next.length - 1)];
    }
    if (!to) return undefined;
    event.preventDefault();
    return to.focus();
  }

  #button(message, button) {
    const kind = Object.keys(ICONS).find((name) => button[name] !== undefined);
    const style = STYLES.has(button.style) ? ` ${button.style}` : "";
    const node = h("button", { type: "button", class: `key${style}`, "data-kind": kind ?? "callback_data" },
      h("span", { class: "label", dir: "auto", lang: this.phone.person.language_code }, button.text), kind ? icon(ICONS[kind]) : null);
    node.addEventListener("click", () => this.#press(message.message_id, button, node));
    return node;
  }

  #press(messageId, button, node) {
    const { phone } = this;
    if (!ready(node)) return;
    if (button.callback_data !== undefined) {
      const name = tapName(messageId, button.callback_data);
      phone.stream.announcer.tapped(messageId);
      phone.taps.tap(messageId, button.callback_data, name, () => this.#wait());
    } else if (button.url !== undefined || button.login_url) phone.follow(button.url ?? button.login_url.url);
    else if (button.copy_text) phone.copy(button.copy_text.text, "Copied");
    else if (switched(button) !== undefined) phone.side.open(switched(button));
    else phone.toast("This phone cannot do that yet.");
  }
}

/** The query of a button that asks for another chat. */
const switched = (button) => button.switch_inline_query_chosen_chat ? button.switch_inline_query_chosen_chat.query ?? "" : button.switch_inline_query;

const tapName = (messageId, data) => `${messageId} ${data}`;

/** The taps of one phone that wait for an answer. */
export class Taps {
  constructor(phone, send) {
    this.phone = phone;
    this.send = send;
    this.pending = new Map();
    this.waiting = new Map();
    this.answered = new Set();
  }

  async tap(messageId, data, name, show) {
    if (this.pending.has(name)) return;
    const done = () => {
      clearTimeout(this.pending.get(name));
      this.pending.delete(name);
      show();
    };
    this.pending.set(name, setTimeout(done, 5000));
    show();
    try {
      const { callback_query_id: id } = await this.send(messageId, data);
      if (this.answered.delete(String(id))) done();
      else this.waiting.set(String(id), done);
    } catch (error) {
      done();
      this.phone.failed(error);
      if (error.status === 404) this.phone.reload();
    }
  }

  answer(event) {
    const id = String(event.callback_query_id);
    const done = this.waiting.get(id);
    if (done) {
      this.waiting.delete(id);
      done();
    } else this.answered.add(id);
    if (event.url) this.phone.follow(event.url, true);
    if (!event.text) return;
    if (event.show_alert) this.phone.alert(event.text);
    else this.phone.toast(event.text);
  }
}
