// The page: two phones, a clock and a timeline, fed by the playground's events.

import { listen } from "./api.js";
import { ClockPanel } from "./clock.js";
import { avatar, h } from "./dom.js";
import { phoneOf } from "./format.js";
import { Phone } from "./phone.js";
import { Player } from "./player.js";
import { Scenes } from "./scenes.js";

const CHOICE = "stillhere.phones";

class Table {
  constructor() {
    this.bot = { id: 0, first_name: "StillHere", username: "", commands: [], connected: false };
    this.people = [];
    this.link = { page: false, bot: false };
    const part = (name) => document.querySelector(`[data-${name}]`);
    this.clock = new ClockPanel(part("clock-panel"), part("timeline"), {
      nameOf: (id) => this.people.find((person) => person.id === id)?.first_name ?? null,
      onTick: (now) => { for (const phone of this.phones ?? []) phone.tick(now); },
      onDay: () => { for (const phone of this.phones ?? []) phone.stream.renameDays(); },
    });
    this.phones = ["left", "right"].map((side) => new Phone(this, side));
    const host = document.querySelector("[data-table]");
    host.prepend(this.phones[0].section);
    part("timeline").before(this.phones[1].section);
    // Where somebody is, is in front: a window that gets narrow does not hide it.
    for (const phone of this.phones) phone.section.addEventListener("focusin", () => { if (this.phones[this.front] !== phone) this.show(phone); });
    this.player = new Player(part("player"), {
      phoneOf: (name) => this.phones.find((phone) => phone.person.first_name === name),
      show: (phone) => this.show(phone),
    });
    this.scenes = new Scenes(part("scene-card"), part("scenes"), { untouched: () => this.people.every((person) => !person.started) });
    this.scenes.begun = () => this.phones[0].composer.first();
    this.#skips(part("skips"), part("timeline"));
    this.tabs = this.phones.map((phone) => h("button", { type: "button", class: "tab", onclick: () => this.show(phone) }));
    document.querySelector("[data-tabs]").append(...this.tabs);
    this.unread = [0, 0];
    this.show(this.phones[0]);
    this.clock.setLink(this.link);
    listen((name, data) => this.hear(name, data), (open) => this.linked(open));
  }

  now() { return this.clock.now(); }
  other(phone) { return this.phones.find((one) => one !== phone); }

  linked(open) {
    this.link.page = open;
    this.clock.setLink(this.link);
  }

  // The first stops of Tab, seen only there: from phone to phone without going through all of it.
  #skips(host, timeline) {
    const skip = (words, go) => h("button", { type: "button", onclick: go }, words);
    this.skips = this.phones.map((phone) => skip("", () => { this.show(phone); phone.composer.first(); }));
    host.append(...this.skips, skip("What is due", () => (timeline.querySelector("button:enabled") ?? timeline).focus()));
  }

  hear(name, data) {
    if (name === "state") this.state(data);
    else if (name === "clock") this.setClock(data);
    else if (name === "stage") this.setStage(data);
    else if (name === "world") this.anew();
    else for (const phone of this.phones) if (phone.person.id === data.person) phone.hear(name, data);
  }

  state(state) {
    this.bot = state.bot;
    this.people = state.people;
    this.link = { page: true, bot: state.bot.connected };
    this.clock.set(state.clock);
    this.clock.setLink(this.link);
    this.seat(this.chosen());
    this.setStage(state.stage);
  }

  setStage(stage) {
    this.scenes.set(stage);
    for (const phone of this.phones) phone.stream.greet();
    this.player.set(stage?.now);
  }

  /** Another world begins: what this tab remembers of the last one goes. */
  anew() {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith("stillhere.")) sessionStorage.removeItem(name);
    this.unread = [0, 0];
    this.people = [];
    this.seat([null, null]);
  }

  setClock(clock) {
    this.clock.set(clock);
    if (clock.idle) for (const phone of this.phones) phone.stream.received();
    if (clock.connected === undefined || clock.connected === this.bot.connected) return;
    this.bot.connected = this.link.bot = clock.connected;
    this.clock.setLink(this.link);
    for (const phone of this.phones) phone.head.update();
  }

  /** Who sits where: those there now, else as this tab remembers, else the first two. */
  chosen() {
    let kept = this.phones.map((phone) => phone.person.id);
    if (kept.every((id) => id === null)) {
      try { kept = JSON.parse(sessionStorage.getItem(CHOICE)) ?? kept; } catch { /* the first two, then */ }
    }
    const known = new Set(this.people.map((person) => person.id));
    const seats = [0, 1].map((side) => (known.has(kept[side]) ? kept[side] : null));
    const free = this.people.map((person) => person.id).filter((id) => !seats.includes(id));
    return seats.map((id) => id ?? free.shift() ?? null);
  }

  seat(ids) {
    sessionStorage.setItem(CHOICE, JSON.stringify(ids));
    const find = (id) => this.people.find((person) => person.id === id) ?? null;
    const done = Promise.all(this.phones.map((phone, side) => phone.setPerson(find(ids[side]))));
    for (const phone of this.phones) phone.side.update();
    this.drawTabs();
    return done;
  }

  /** Gives a phone to somebody; if that is the other phone's person, the two change places. */
  assign(phone, id) {
    const ids = this.phones.map((one) => one.person.id);
    const side = this.phones.indexOf(phone);
    if (ids[1 - side] === id) ids[1 - side] = ids[side];
    ids[side] = id;
    this.unread = [0, 0];
    return this.seat(ids);
  }

  /** A person as the server now describes them, before its next `state` says so too. */
  changed(person) {
    const known = this.people.some((one) => one.id === person.id);
    this.people = known ? this.people.map((one) => (one.id === person.id ? person : one)) : [...this.people, person];
    this.seat(this.chosen());
  }

  // On a narrow window one phone is shown at a time.

  show(phone) {
    const side = this.phones.indexOf(phone);
    this.front = side;
    this.unread[side] = 0;
    this.phones.forEach((one) => one.section.classList.toggle("front", one === phone));
    this.drawTabs();
    if (phone.stream.atBottom) phone.stream.toBottom();
  }

  noticed(phone) {
    const side = this.phones.indexOf(phone);
    if (side !== this.front) this.unread[side] += 1;
    this.drawTabs();
  }

  drawTabs() {
    this.phones.forEach((phone, side) => {
      const named = phone.person.id !== null;
      this.skips[side].textContent = named ? phoneOf(phone.person) : "The other phone";
      const tab = this.tabs[side];
      const key = JSON.stringify([phone.person.id, phone.person.first_name, this.unread[side]]);
      if (tab.dataset.drawn !== key) {
        tab.dataset.drawn = key;
        tab.replaceChildren(named ? avatar(phone.person) : "", named ? phoneOf(phone.person) : "Another phone",
          this.unread[side] ? h("span", { class: "badge" }, String(this.unread[side]), h("span", { class: "offscreen" }, " new")) : "");
      }
      tab.setAttribute("aria-pressed", String(side === this.front));
    });
  }
}

new Table();
