// The keys under the field, as the bot set them.

import { h } from "./dom.js";

export class ReplyKeyboard {
  constructor(phone) {
    this.phone = phone;
    this.markup = null;
    this.drawn = "null";
    this.hidden = false;
    this.node = h("div", { class: "reply-keyboard", role: "group", "aria-label": "Reply keyboard", hidden: true });
  }

  set(markup) {
    const value = markup?.keyboard ? markup : null;
    const key = JSON.stringify(value);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = this.node.contains(document.activeElement);
    this.markup = value;
    this.hidden = false;
    this.node.classList.toggle("tall", Boolean(value) && !value.resize_keyboard);
    this.node.replaceChildren(...(value?.keyboard ?? []).map((row) => h("div", { class: "row" }, row.map((button) => this.#key(button)))));
    this.#show();
    if (focused && value) this.node.querySelector("button").focus({ preventScroll: true });
    else if (focused) this.phone.composer.first();
  }

  toggle() {
    this.hidden = !this.hidden;
    this.#show();
    if (!this.hidden) this.node.querySelector("button")?.focus({ preventScroll: true });
  }

  #show() {
    const { composer } = this.phone;
    this.node.hidden = !this.markup || this.hidden;
    composer.keys.hidden = !this.markup;
    composer.keys.setAttribute("aria-pressed", String(!this.node.hidden));
    composer.placeholder(this.markup?.input_field_placeholder);
  }

  #key(given) {
    const button = typeof given === "string" ? { text: given } : given;
    const style = ["primary", "success", "danger"].includes(button.style) ? ` ${button.style}` : "";
    return h("button", { type: "button", class: `key${style}`, onclick: () => this.#press(button) }, h("span", { class: "label", dir: "auto", lang: this.phone.person.language_code }, button.text));
  }

  #press(button) {
    if (button.request_location) this.phone.askPlace((place) => this.#send(button, place));
    else this.#send(button);
  }

  async #send(button, place) {
    if (!(await this.phone.press(button.text, place))) return;
    if (this.markup?.one_time_keyboard) {
      const focused = this.node.contains(document.activeElement);
      this.hidden = true;
      this.#show();
      if (focused) this.phone.composer.focus();
    }
  }
}
