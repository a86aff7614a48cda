// The clock: what time it is in the playground, what is due, and the ways to move on.

import { api } from "./api.js";
import { h, icon } from "./dom.js";
import { dayKey, hhmm, hhmmss, longDay, until, when } from "./format.js";

export class ClockPanel {
  /** `onTick(now)` is called whenever the shown second changes; `onDay()` at midnight. */
  constructor(host, { onTick, onDay }) {
    this.onTick = onTick;
    this.onDay = onDay;
    this.base = { now: Date.now(), at: performance.now(), flowing: false };
    this.due = [];
    this.busy = false;
    this.time = h("time", { class: "big-time", "data-clock": "" }, "--:--:--");
    this.date = h("p", { class: "date" }, "");
    this.link = h("p", { class: "link", role: "status", "data-link": "" }, "");
    const move = (text, body) => h("button", { type: "button", class: "move", onclick: () => this.advance(body) }, text);
    this.minute = move("+1 min", { seconds: 60 });
    this.ten = move("+10 min", { seconds: 600 });
    this.hour = move("+1 h", { seconds: 3600 });
    this.nextWhat = h("b", {}, "");
    this.nextWhen = h("span", {}, "");
    this.next = h("button", { type: "button", class: "move next", "data-next": "", onclick: () => this.advance({ until: this.due[0].at }) }, this.nextWhat, this.nextWhen);
    this.flow = h("button", { type: "button", class: "move flow", onclick: () => this.#toggleFlow() });
    this.list = h("ol", { class: "due-list" });
    this.count = h("span", { class: "count" }, "");
    this.note = h("p", { class: "clock-note", role: "status", hidden: true });
    this.details = h("details", { class: "due", "data-due": "" }, h("summary", {}, h("span", { class: "roomy" }, "What is "), "due ", this.count), this.list);
    host.append(h("div", { class: "clock-face" }, this.time, this.date, this.link),
      h("div", { class: "moves" }, this.minute, this.ten, this.hour, this.flow, this.next), this.note, this.details);
    this.buttons = [this.minute, this.ten, this.hour, this.next, this.flow];
    this.host = host;
    setInterval(() => this.#tick(), 250);
    this.#drawFlow();
    this.#drawDue();
  }

  now() {
    const { now, at, flowing } = this.base;
    return flowing ? now + (performance.now() - at) : now;
  }

  set(clock) {
    this.base = { now: Date.parse(clock.now), at: performance.now(), flowing: clock.flowing };
    this.due = clock.due ?? [];
    this.#drawFlow();
    this.#drawDue();
    this.#tick();
  }

  /** `page`: the events arrive; `bot`: the bot polls. */
  setLink({ page, bot }) {
    const [state, text] = !page ? ["lost", "the playground does not answer"] : bot ? ["on", "bot connected"] : ["waiting", "waiting for the bot"];
    this.link.dataset.link = state;
    if (this.link.textContent !== text) this.link.textContent = text;
  }

  async advance(body) {
    if (this.busy) return;
    await this.#during(api.advance(body));
  }

  async #toggleFlow() {
    if (!this.busy) await this.#during(api.flow(!this.base.flowing));
  }

  async #during(call) {
    const focused = document.activeElement;
    this.busy = true;
    this.host.classList.add("busy");
    this.note.hidden = true;
    this.#enable();
    try {
      this.set(await call);
    } catch (error) {
      this.note.textContent = error.message;
      this.note.hidden = false;
    }
    this.busy = false;
    this.host.classList.remove("busy");
    this.#enable();
    if (document.activeElement === document.body && focused?.isConnected) focused.focus({ preventScroll: true });
  }

  #enable() {
    for (const button of this.buttons) button.disabled = this.busy || (button === this.next && this.due.length === 0);
    for (const button of this.list.querySelectorAll("button")) button.disabled = this.busy;
  }

  #tick() {
    const now = this.now();
    const text = hhmmss(now);
    if (this.time.textContent === text && this.shown === dayKey(now)) return;
    this.time.textContent = text;
    this.time.dateTime = new Date(now).toISOString();
    this.time.dataset.clock = this.time.dateTime;
    if (this.shown !== dayKey(now)) {
      this.shown = dayKey(now);
      this.date.textContent = longDay(now);
      this.onDay();
    }
    if (this.minuteShown !== hhmm(now)) {
      this.minuteShown = hhmm(now);
      this.#drawDue();
    }
    this.onTick(now);
  }

  #drawFlow() {
    const { flowing } = this.base;
    if (this.flow.dataset.flowing === String(flowing)) return;
    this.flow.dataset.flowing = String(flowing);
    this.flow.replaceChildren(icon(flowing ? "pause" : "play"), flowing ? "Pause" : "Flow");
    this.flow.title = flowing ? "Hold the time here" : "Let the time run";
  }

  #drawDue() {
    const now = this.now();
    const first = this.due[0];
    this.nextWhat.textContent = first ? `To the next: ${first.what}` : "Nothing is due";
    this.nextWhen.textContent = first ? `${when(Date.parse(first.at), now)}, ${until(Date.parse(first.at), now)}` : "";
    this.count.textContent = this.due.length ? String(this.due.length) : "";
    const key = JSON.stringify([this.due, this.minuteShown]);
    if (key !== this.dueDrawn) {
      this.dueDrawn = key;
      const focus = [...this.list.querySelectorAll("button")].indexOf(document.activeElement);
      this.list.replaceChildren(...(this.due.length ? this.due.map((item) => this.#item(item, now)) : [h("li", { class: "none" }, "Nothing. The bot waits for somebody to write.")]));
      if (focus >= 0) this.list.querySelectorAll("button")[focus]?.focus();
    }
    this.#enable();
  }

  #item({ at, what }, now) {
    const ms = Date.parse(at);
    return h("li", {}, h("button", { type: "button", title: "Go there", onclick: () => this.advance({ until: at }) },
      h("time", { datetime: at }, when(ms, now)), h("small", {}, until(ms, now)), h("span", {}, what)));
  }
}
