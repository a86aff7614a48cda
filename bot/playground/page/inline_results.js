// What the bot offers behind its name: asked while somebody types, shown above the field.

import { api } from "./api.js";
import { h } from "./dom.js";
import { botAddress } from "./links.js";

const PAUSE_MS = 150;
const LONGEST_QUERY = 256;

export class InlineResults {
  /** `choose` sends a result; `leave` goes to the chat with the bot. */
  constructor(phone, field, choose, leave) {
    this.phone = phone;
    this.field = field;
    this.choose = choose;
    this.leave = leave;
    this.query = null; // what stands in the field now, behind the bot's name
    this.asked = null; // the id of the query that waits for its answer
    this.early = new Map(); // answers that were here before their query's id
    this.node = h("div", { class: "commands results", role: "group", "aria-label": "What the bot offers", hidden: true });
    this.node.addEventListener("keydown", (event) => this.#key(event));
  }

  get open() { return !this.node.hidden; }

  typed(text) {
    const query = this.#queryIn(text);
    if (query === this.query) return;
    this.query = query;
    this.asked = null;
    clearTimeout(this.timer);
    if (query === null) this.close();
    else this.timer = setTimeout(() => this.#ask(query), PAUSE_MS);
  }

  hear(data) {
    const id = String(data.inline_query_id);
    if (id === this.asked) this.#show(data);
    else this.early.set(id, data);
  }

  close() {
    this.node.hidden = true;
  }

  focus(at = 0) {
    [...this.node.querySelectorAll("button")].at(at)?.focus();
  }

  /** “@name ” and all behind it, as in any chat. */
  #queryIn(text) {
    const name = `@${this.phone.bot.username} `;
    return text.toLowerCase().startsWith(name.toLowerCase()) ? text.slice(name.length, name.length + LONGEST_QUERY) : null;
  }

  async #ask(query) {
    this.early.clear();
    try {
      const { inline_query_id: id } = await api.inline(this.phone.person.id, query);
      if (this.query !== query) return;
      this.asked = String(id);
      if (this.early.has(this.asked)) this.#show(this.early.get(this.asked));
    } catch (error) {
      if (this.query === query) this.#say(error.message);
    }
  }

  #show({ results, button }) {
    const rows = results.filter((result) => result.text).map((result) =>
      h("button", { type: "button", "data-result": result.id, onclick: () => this.choose(result) },
        h("b", { dir: "auto" }, result.title), h("span", { dir: "auto" }, result.description)));
    const way = button && h("button", { type: "button", class: "way", onclick: () => this.#toBot(button) }, button.text);
    if (rows.length === 0 && !way) return this.#say("Nothing is offered for this.");
    const focused = this.node.contains(document.activeElement);
    this.node.replaceChildren(...[way, ...rows].filter(Boolean));
    this.node.hidden = false;
    this.node.scrollTop = 0;
    this.phone.stream.announcer.note(`${rows.length + Number(Boolean(way))} offers, the arrow up leads there.`);
    if (focused) this.focus();
  }

  #say(text) {
    this.node.replaceChildren(h("p", {}, text));
    this.phone.stream.announcer.note(text);
    this.node.hidden = false;
  }

  #toBot(button) {
    this.leave();
    this.phone.open(botAddress(this.phone.bot.username, button.start_parameter));
  }

  #key(event) {
    const items = [...this.node.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      (items[at + (event.key === "ArrowDown" ? 1 : -1)] ?? this.field).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      this.field.focus();
    }
  }
}
