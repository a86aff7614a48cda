// Where to begin: scenes that are played through the bot. A card while nothing has happened, and a dialog later.

import { api } from "./api.js";
import { h } from "./dom.js";

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });
const NOTHING = { name: null, title: "From nothing", about: "Two phones, and nobody has pressed Start." };

export class Scenes {
  /** `card`: where it stands while nothing has happened; `opener`: the button that opens the dialog. */
  constructor(card, opener, { untouched }) {
    this.card = card;
    this.opener = opener;
    this.untouched = untouched;
    this.locale = "en";
    this.drawn = "";
    this.asked = null;
    this.dialog = h("dialog", { class: "scene-dialog", "aria-labelledby": "scene-title" });
    this.veil = h("div", { class: "setting", hidden: true }, this.veilText = h("p", { role: "status" }), this.bar = h("progress", { max: "1", "aria-label": "Setting the scene" }));
    document.body.append(this.dialog, this.veil);
    opener.addEventListener("click", () => this.open());
    this.dialog.addEventListener("close", () => { this.asked = null; });
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    card.addEventListener("keydown", (event) => this.#key(event));
  }

  /** `stage` as the server tells it; null: this playground cannot begin anew. */
  set(stage) {
    this.stage = stage;
    this.opener.hidden = !stage;
    const beginning = stage?.now?.state === "beginning" ? stage.now : null;
    this.#veil(beginning);
    this.update();
  }

  update() {
    const show = Boolean(this.stage) && !this.stage.now && this.untouched();
    this.card.hidden = !show;
    const key = show ? JSON.stringify(this.stage) : "";
    if (key === this.drawn) return;
    this.drawn = key;
    this.card.replaceChildren(...(show ? [h("h2", {}, "Where to begin"), h("p", {}, "Press Start on a phone, or begin with a scene:"), ...this.#choice("card")] : []));
  }

  open() {
    if (!this.stage) return;
    this.#fill(null);
    this.dialog.showModal();
    this.dialog.querySelector("button")?.focus();
  }

  #choice(where) {
    const scenes = where === "card" ? this.stage.scenes : [...this.stage.scenes, NOTHING];
    const select = h("select", { onchange: () => { this.locale = select.value; } },
      this.stage.locales.map((code) => h("option", { value: code, selected: code === this.locale }, NAMES.of(code))));
    return [
      h("ul", { class: "scene-list" }, scenes.map((scene) => h("li", {},
        h("button", { type: "button", class: "scene", "data-scene": scene.name ?? "", onclick: () => this.#chosen(scene) },
          h("b", {}, scene.title), h("span", {}, scene.about))))),
      h("label", { class: "scene-language" }, h("span", {}, "Language of the phones"), select),
    ];
  }

  #fill(asked) {
    this.asked = asked;
    const cancel = h("button", { type: "button", class: "sheet-action quiet", onclick: () => this.dialog.close() }, "Cancel");
    const title = (words) => h("h2", { id: "scene-title" }, words);
    if (asked) {
      this.dialog.replaceChildren(title("Start over?"),
        h("p", {}, `“${asked.title}” begins a new world. The people and chats on this page, and all that the bot keeps here, are deleted.`),
        h("div", { class: "sheet-actions" }, h("button", { type: "button", class: "sheet-action danger", onclick: () => this.#begin(asked) }, "Start over"), cancel));
    } else {
      this.dialog.replaceChildren(title("Start over with a scene"), ...this.#choice("dialog"), h("div", { class: "sheet-actions" }, cancel));
    }
    if (this.dialog.open) this.dialog.querySelector("button")?.focus();
  }

  #chosen(scene) {
    if (this.untouched()) this.#begin(scene);
    else this.#fill(scene);
  }

  async #begin(scene) {
    this.dialog.close();
    try {
      await api.begin(scene.name, this.locale);
      this.begun?.();
    } catch (error) {
      this.#veil(null);
      this.failed(error);
    }
  }

  failed(error) {
    this.dialog.replaceChildren(h("h2", { id: "scene-title" }, "That did not work"), h("p", {}, error.message.split("\n")[0]),
      h("div", { class: "sheet-actions" }, h("button", { type: "button", class: "sheet-action primary", onclick: () => this.dialog.close() }, "OK")));
    this.dialog.showModal();
  }

  #veil(now) {
    this.veil.hidden = !now;
    for (const node of document.querySelectorAll("body > header, body > nav, body > main")) node.inert = Boolean(now);
    if (!now) return;
    const text = `${now.title}: the bot is told all of it, from the first day on.`;
    if (this.veilText.textContent !== text) this.veilText.textContent = text;
    if (now.steps) this.bar.value = now.step / now.steps;
    else this.bar.removeAttribute("value");
  }

  #key(event) {
    const along = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...event.currentTarget.querySelectorAll(".scene")];
    const at = buttons.indexOf(document.activeElement);
    if (!along || at < 0) return;
    event.preventDefault();
    buttons[(at + along + buttons.length) % buttons.length].focus();
  }
}
