// The clock: what time it is in the playground, and the ways to move on.

import { api } from "./api.js";
import { h, icon, idle } from "./dom.js";
import { dayKey, hhmm, hhmmss, longDay } from "./format.js";
import { Timeline } from "./timeline.js";

export class ClockPanel {
  /** `onTick(now)` is called whenever the shown second changes; `onDay()` at midnight; `nameOf(id)`: who that is. */
  constructor(host, below, { onTick, onDay, nameOf }) {
    this.onTick = onTick;
    this.onDay = onDay;
    this.base = { now: Date.now(), at: performance.now(), flowing: false };
    this.busy = false;
    this.time = h("time", { class: "big-time", "data-clock": "" }, "--:--:--");
    this.date = h("p", { class: "date" }, "");
    this.link = h("p", { class: "link", role: "status", "data-link": "" }, "");
    const move = (text, body) => h("button", { type: "button", class: "move", onclick: () => this.advance(body) }, text);
    this.minute = move("+1 min", { seconds: 60 });
    this.ten = move("+10 min", { seconds: 600 });
    this.hour = move("+1 h", { seconds: 3600 });
    this.flow = h("button", { type: "button", class: "move flow", onclick: () => this.#toggleFlow() });
    this.note = h("p", { class: "clock-note", role: "status", hidden: true });
    this.said = h("p", { class: "offscreen", role: "status" });
    host.append(h("div", { class: "clock-face" }, this.time, this.date, this.link),
      h("div", { class: "moves" }, this.minute, this.ten, this.hour, this.flow), this.note, this.said);
    this.timeline = new Timeline(below, { go: (body) => this.advance(body), nameOf });
    this.buttons = [this.minute, this.ten, this.hour, this.flow];
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
    this.timeline.set(clock.due ?? []);
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
    this.busy = true;
    this.host.classList.add("busy");
    this.note.hidden = true;
    this.#enable();
    try {
      this.set(await call);
      this.said.textContent = `It is ${hhmm(this.now())}.`;
    } catch (error) {
      this.note.textContent = error.message;
      this.note.hidden = false;
    }
    this.busy = false;
    this.host.classList.remove("busy");
    this.#enable();
  }

  #enable() {
    for (const button of this.buttons) idle(button, this.busy);
    this.#drawDue();
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
    this.timeline.draw(this.now(), this.busy);
  }
}
