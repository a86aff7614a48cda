// What is due when, under the phones: the next thing as a button, and everything else in a row to go to.

import { h, idle, ready } from "./dom.js";
import { until, when } from "./format.js";

const ALONG = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Timeline {
  /** `go(body)` moves the clock; `nameOf(id)` is who that is. */
  constructor(host, { go, nameOf }) {
    this.host = host;
    this.nameOf = nameOf;
    this.go = go;
    this.due = [];
    this.drawn = "";
    this.nextWhat = h("b", {}, "");
    this.nextWhen = h("span", {}, "");
    this.next = h("button", { type: "button", class: "move next", "data-next": "", onclick: () => { if (ready(this.next)) go({ until: this.due[0].at }); } }, this.nextWhat, this.nextWhen);
    this.count = h("span", { class: "count" }, "");
    this.more = h("button", { type: "button", class: "move due-more", "aria-expanded": "false", "aria-controls": "due-list", onclick: () => this.#open(!this.isOpen) }, "All ", this.count);
    this.list = h("ol", { class: "due-list", id: "due-list", "data-due": "" });
    this.list.addEventListener("keydown", (event) => this.#key(event));
    host.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.isOpen) this.#open(false); });
    host.append(this.next, this.more, this.list);
  }

  get isOpen() { return this.host.classList.contains("open"); }

  #open(open) {
    const inside = this.list.contains(document.activeElement);
    this.host.classList.toggle("open", open);
    this.more.setAttribute("aria-expanded", String(open));
    if (open) this.list.querySelector("button")?.focus();
    else if (inside) (this.more.hidden ? this.next : this.more).focus();
  }

  set(due) { this.due = due; }

  draw(now, busy) {
    const first = this.due[0];
    this.nextWhat.textContent = first ? `To the next: ${this.#what(first)}` : "Nothing is due";
    this.nextWhen.textContent = first ? `${when(Date.parse(first.at), now)}, ${until(Date.parse(first.at), now)}` : "The bot waits for somebody to write.";
    this.count.textContent = this.due.length || "";
    this.more.hidden = this.due.length < 2;
    if (this.more.hidden && document.activeElement === this.more) this.next.focus();
    if (this.more.hidden && this.isOpen) this.#open(false);
    const key = JSON.stringify(this.due.map((item) => [item, this.#what(item), until(Date.parse(item.at), now)]));
    if (key !== this.drawn) {
      this.drawn = key;
      const focus = this.#buttons().indexOf(document.activeElement);
      this.list.replaceChildren(...this.due.map((item, index) => h("li", {}, this.#item(item, now, index === Math.max(focus, 0)))));
      this.list.hidden = this.due.length === 0;
      const buttons = this.#buttons();
      if (focus >= 0) (buttons[Math.min(focus, buttons.length - 1)] ?? this.next).focus({ preventScroll: true });
    }
    idle(this.next, busy || !first);
    for (const button of this.#buttons()) idle(button, busy);
  }

  #what({ what, who }) {
    const names = (who ?? []).map(this.nameOf).filter(Boolean).join(" and ");
    return names ? `${what} · ${names}` : what;
  }

  #item(item, now, stop) {
    const ms = Date.parse(item.at);
    return h("button", { type: "button", title: "Go there", tabindex: stop ? "0" : "-1", onclick: (event) => this.#goTo(event, item) },
      h("time", { datetime: item.at }, when(ms, now)), h("span", {}, this.#what(item)), h("small", {}, until(ms, now)));
  }

  #goTo(event, item) {
    if (ready(event.currentTarget)) this.go({ until: item.at });
  }

  #buttons() { return [...this.list.querySelectorAll("button")]; }

  // One stop for Tab; the arrows go along.
  #key(event) {
    const buttons = this.#buttons();
    const at = buttons.indexOf(document.activeElement);
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (event.key in ALONG ? at + ALONG[event.key] : -1);
    if (at < 0 || !buttons[to]) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    buttons[to].tabIndex = 0;
    buttons[to].focus();
  }
}
