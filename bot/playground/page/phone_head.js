// The top of a phone: its owner above the frame, the status line, and the chat's header.

import { avatar, h, icon } from "./dom.js";

const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", record_video: "sending a video…", upload_video: "sending a video…", upload_document: "sending a file…", find_location: "looking for a place…" };

export class PhoneHead {
  constructor(phone, side) {
    this.phone = phone;
    this.action = null;
    this.face = h("span", { class: "face" });
    this.select = h("select", { "aria-label": `Person on the ${side} phone` });
    this.select.addEventListener("change", () => phone.table.assign(phone, Number(this.select.value)));
    this.owner = h("div", { class: "owner" }, this.face, h("span", { class: "select" }, this.select, icon("down")),
      h("button", { type: "button", class: "round-button", "aria-label": "Add a person", title: "Add a person", onclick: () => phone.addPerson() }, icon("plus")));
    this.clock = h("span", {}, "");
    this.status = h("div", { class: "status-line", "aria-hidden": "true" }, this.clock, h("span", { class: "glyphs" }, h("i", { class: "signal" }), h("i", { class: "battery" })));
    this.name = h("b", {}, "");
    this.under = h("small", {}, "");
    this.more = h("button", { type: "button", class: "round-button", "aria-label": "More options", onclick: () => this.#menu() }, icon("more"));
    this.bar = h("header", { class: "chat-head" }, h("img", { src: "/static/mark.svg", alt: "", width: "38", height: "38" }), h("span", { class: "chat-name" }, this.name, this.under), phone.side.opener, this.more);
  }

  update() {
    const { person, bot, table } = this.phone;
    this.face.replaceChildren(avatar(person));
    this.face.hidden = person.id === null;
    this.name.textContent = bot.first_name;
    const key = JSON.stringify(table.people.map((one) => [one.id, one.first_name]));
    if (key !== this.drawn) {
      this.drawn = key;
      this.select.replaceChildren(...table.people.map((one) => h("option", { value: one.id }, one.first_name)));
    }
    this.select.value = person.id ?? "";
    this.select.disabled = table.people.length < 2;
    this.owner.classList.toggle("alone", person.id === null);
    this.#line();
  }

  setAction(action) {
    this.action = action;
    this.#line();
  }

  #line() {
    const { person, bot } = this.phone;
    const text = this.action ? ACTIONS[this.action] ?? "typing…" : person.blocked ? "blocked" : bot.connected ? "bot" : "waiting for the bot…";
    if (this.under.textContent !== text) this.under.textContent = text;
    this.under.classList.toggle("lively", Boolean(this.action));
  }

  #menu() {
    const { phone } = this;
    const { person } = phone;
    const other = phone.side.other;
    const beside = other && { label: `Chat with ${other.first_name}`, act: () => { setTimeout(() => phone.side.open()); } };
    const may = person.started && !person.blocked;
    const send = (label, kind) => may && { label, act: () => { phone.sendMedia(kind); } };
    if (!person.started) return phone.menu(`${person.first_name}'s chat`, [{ label: "Start", act: () => { phone.start(); } }, beside]);
    return phone.menu(`${person.first_name}'s chat`, [
      beside,
      may && { label: "Share a location…", act: () => { setTimeout(() => phone.askPlace((place) => phone.sendPlace(place))); } },
      send("Send a sticker", "sticker"),
      send("Send a voice message", "voice"),
      send("Send a photo", "photo"),
      send("Send a document", "document"),
      person.blocked
        ? { label: "Unblock the bot", act: () => { phone.setBlocked(false); } }
        : { label: "Block the bot", kind: "danger", act: () => { phone.setBlocked(true); } },
    ]);
  }
}
