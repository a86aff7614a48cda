// An evening that is played: what comes next, and the buttons to hold it, to go on step by step, and to leave it.

import { api } from "./api.js";
import { h, icon } from "./dom.js";

export class Player {
  /** `phoneOf(name)`: the phone of the person with that first name; `show(phone)` brings it to the front. */
  constructor(host, { phoneOf, show }) {
    this.host = host;
    this.phoneOf = phoneOf;
    this.show = show;
    this.ghost = null;
    this.title = h("b", {}, "");
    this.count = h("small", {}, "");
    this.words = h("p", { class: "played", role: "status" }, "");
    this.hold = h("button", { type: "button", class: "move", onclick: () => this.#do(this.state === "playing" ? "pause" : "play") });
    this.step = h("button", { type: "button", class: "move", onclick: () => this.#do("next") }, "Next step");
    this.leave = h("button", { type: "button", class: "move", onclick: () => this.#do("leave") }, "Leave it");
    host.append(h("span", { class: "played-what" }, this.title, this.count), this.words, h("div", { class: "played-moves" }, this.hold, this.step, this.leave));
  }

  set(now) {
    const played = now?.kind === "script" && now.state !== "beginning" ? now : null;
    const had = this.host.contains(document.activeElement) ? document.activeElement : null;
    this.host.hidden = !played;
    this.state = played?.state;
    this.#mark(played?.about);
    if (!played && had) document.querySelector("[data-scenes]:not([hidden])")?.focus();
    if (!played) return;
    const live = this.state === "playing" || this.state === "paused";
    this.title.textContent = played.title;
    this.count.textContent = played.steps ? `step ${played.step} of ${played.steps}` : "";
    this.words.textContent = { over: "That was all. From here on it is yours.", failed: `It went another way than written: ${played.why}` }[this.state] ?? played.about?.words ?? "";
    const playing = this.state === "playing";
    if (this.hold.dataset.playing !== String(playing)) {
      this.hold.dataset.playing = String(playing);
      this.hold.replaceChildren(icon(playing ? "pause" : "play"), playing ? "Pause" : "Play");
    }
    this.hold.hidden = this.step.hidden = !live;
    if (had?.hidden) this.leave.focus();
  }

  async #do(what) {
    try { this.set((await api.script(what)).now); } catch { /* it was over meanwhile */ }
  }

  // The button that will be tapped glows, and what will be written stands in the field.
  #mark(about) {
    this.lit?.classList.remove("about");
    this.lit = null;
    this.ghost?.ghost("");
    this.ghost = null;
    const phone = about?.person ? this.phoneOf(about.person) : null;
    if (!phone) return;
    this.show(phone);
    if (about.typed) {
      this.ghost = phone.composer;
      phone.composer.ghost(about.typed);
    } else if (about.button) {
      this.lit = [...phone.section.querySelectorAll("article .key")].reverse().find((key) => key.textContent.startsWith(about.button)) ?? null;
      this.lit?.classList.add("about");
      this.lit?.scrollIntoView({ block: "nearest" });
    }
  }
}
