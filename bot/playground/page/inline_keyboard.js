// The buttons under a message. A tapped callback button waits for its answer, five seconds at most.

import { h, icon } from "./dom.js";

const ICONS = { url: "away", login_url: "away", web_app: "away", copy_text: "copy", switch_inline_query: "share", switch_inline_query_current_chat: "share", switch_inline_query_chosen_chat: "share" };
const STYLES = new Set(["primary", "success", "danger"]);

export class InlineKeyboard {
  constructor(phone) {
    this.phone = phone;
    this.node = h("div", { class: "inline-keyboard", role: "group", "aria-label": "Buttons", hidden: true });
    this.drawn = "[]";
    this.buttons = new Map();
  }

  update(message, article) {
    const rows = message.reply_markup?.inline_keyboard ?? [];
    const key = JSON.stringify(rows);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = this.node.contains(document.activeElement);
    this.buttons.clear();
    this.node.hidden = rows.length === 0;
    this.node.replaceChildren(...rows.map((row) => h("div", { class: "row" }, row.map((button) => this.#button(message, button)))));
    if (focused) (this.node.querySelector("button") ?? article).focus({ preventScroll: true });
  }

  #button(message, button) {
    const kind = Object.keys(ICONS).find((name) => button[name] !== undefined);
    const style = STYLES.has(button.style) ? ` ${button.style}` : "";
    const node = h("button", { type: "button", class: `key${style}`, "data-kind": kind ?? "callback_data" },
      h("span", { class: "label", dir: "auto" }, button.text), kind ? icon(ICONS[kind]) : null);
    node.addEventListener("click", () => this.#press(message.message_id, button, node));
    if (button.callback_data !== undefined) {
      const name = tapName(message.message_id, button.callback_data);
      this.buttons.set(name, node);
      if (this.phone.taps.pending.has(name)) busy(node, true);
    }
    return node;
  }

  #press(messageId, button, node) {
    const { phone } = this;
    if (node.getAttribute("aria-disabled") === "true") return;
    if (button.callback_data !== undefined) {
      const name = tapName(messageId, button.callback_data);
      const show = () => this.buttons.has(name) && busy(this.buttons.get(name), phone.taps.pending.has(name));
      phone.taps.tap(messageId, button.callback_data, name, show);
    } else if (button.url !== undefined || button.login_url) phone.follow(button.url ?? button.login_url.url);
    else if (button.copy_text) phone.copy(button.copy_text.text, "Copied");
    else if (switched(button) !== undefined) phone.side.open(switched(button));
    else phone.toast("This phone cannot do that yet.");
  }
}

/** The query of a button that asks for another chat. */
const switched = (button) => button.switch_inline_query_chosen_chat ? button.switch_inline_query_chosen_chat.query ?? "" : button.switch_inline_query;

const tapName = (messageId, data) => `${messageId} ${data}`;

function busy(node, on) {
  node.classList.toggle("busy", on);
  if (on) node.setAttribute("aria-disabled", "true");
  else node.removeAttribute("aria-disabled");
}

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
