// The list of messages of one phone: keyed by message id, sorted, with a line for every new day.

import { calm, h, icon } from "./dom.js";
import { dayKey, dayName } from "./format.js";
import { Announcer } from "./announcer.js";
import { MessageView } from "./message.js";
import { ShareView } from "./shares.js";

const GROUP_MS = 5 * 60 * 1000;
const BY_HAND_MS = 1500;
const SCROLL_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);

export class Stream {
  constructor(phone) {
    this.phone = phone;
    this.views = new Map();
    this.shares = new Map();
    this.days = new Map();
    this.atBottom = true;
    this.scrolledTo = 0;
    this.touchedAt = -Infinity;
    this.list = h("div", { class: "list" });
    this.skip = h("button", { type: "button", class: "skip-chat", onclick: () => phone.composer.first() }, "Skip the messages");
    this.typing = h("div", { class: "typing", hidden: true, "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": "Messages", "aria-describedby": "chat-keys", tabindex: "0" }, this.list, this.typing);
    this.jump = h("button", { type: "button", class: "jump", "aria-label": "To the newest message", hidden: true, onclick: () => { this.log.focus({ preventScroll: true }); this.toBottom(true); } }, icon("down"));
    this.greeting = h("div", { class: "greeting", hidden: true }, h("img", { src: "/static/mark.svg", alt: "", width: "52", height: "52" }), this.greetingTitle = h("b"), this.greetingText = h("span"),
      this.greetingScenes = h("button", { type: "button", class: "side-try greeting-scenes", hidden: true, onclick: () => phone.table.scenes.open() }, "Begin with a scene …"));
    this.log.prepend(this.greeting);
    this.announcer = new Announcer(phone);
    this.node = h("div", { class: "chat" }, this.skip, this.log, this.jump);
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The wheel, a finger, the scrollbar or a key: a tap on a button inside the chat is none of these.
    const byHand = () => { this.touchedAt = performance.now(); };
    for (const kind of ["wheel", "touchmove"]) this.log.addEventListener(kind, byHand, { passive: true });
    this.log.addEventListener("pointerdown", (event) => { if (event.target === this.log) byHand(); });
    this.log.addEventListener("keydown", (event) => { if (SCROLL_KEYS.has(event.key)) byHand(); this.#walk(event); });
    const follow = new ResizeObserver(() => { if (this.atBottom) this.toBottom(); });
    follow.observe(this.list);
    follow.observe(this.log);
    follow.observe(this.typing);
  }

  /** What stands in an empty chat: the bot's own description, if it has one. */
  greet() {
    const { description } = this.phone.bot;
    this.greeting.lang = description ? this.phone.person.language_code ?? "" : "";
    this.greetingTitle.textContent = description ? "What can this bot do?" : "No messages here yet";
    this.greetingScenes.hidden = !this.phone.table.scenes?.stage;
    this.greetingText.textContent = description || "Say hello when you are ready.";
  }

  clear() {
    if (this.list.contains(document.activeElement)) this.log.focus({ preventScroll: true });
    this.views.clear();
    this.shares.clear();
    this.list.replaceChildren();
    this.days.clear();
    this.announcer.clear();
    this.atBottom = true;
    this.action(null);
  }

  /** The whole chat as it is now; what is already drawn stays. */
  replaceAll(messages) {
    this.log.setAttribute("aria-busy", "true");
    const ids = new Set(messages.map((message) => message.message_id));
    for (const id of [...this.views.keys()]) if (!ids.has(id)) this.#drop(id);
    for (const message of messages) {
      this.#place(message).received(true);
      this.announcer.know(message);
    }
    this.#arrange();
    this.log.removeAttribute("aria-busy");
  }

  put(message) {
    const fresh = !this.views.has(message.message_id);
    const view = this.#place(message);
    if (!view.own) this.announcer.say(message, fresh);
    if (!fresh) return;
    view.node.classList.add("fresh");
    this.action(null);
    this.#arrange();
    if (view.own) this.toBottom();
  }

  /** The bot has taken all that was written: a second tick. */
  received() {
    for (const view of this.views.values()) view.received(true);
  }

  remove(id) {
    if (!this.views.has(id)) return;
    this.#drop(id);
    this.#arrange();
  }

  setShares(shares) {
    for (const share of shares) {
      if (!this.shares.has(share.id)) this.shares.set(share.id, new ShareView(this.phone, share));
    }
    this.#arrange();
  }

  newest() {
    return [...this.views.values()].sort((a, b) => a.message.message_id - b.message.message_id).at(-1) ?? null;
  }

  lastOwn() {
    return [...this.views.values()].filter((view) => view.own && view.message.text)
      .sort((a, b) => a.message.message_id - b.message.message_id).at(-1)?.message ?? null;
  }

  show(id) {
    const node = this.views.get(id)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    node.classList.remove("glow");
    requestAnimationFrame(() => node.classList.add("glow"));
    node.focus({ preventScroll: true });
  }

  action(what) {
    clearTimeout(this.typingTimer);
    this.typing.hidden = !what;
    this.phone.status(what);
    if (what) this.typingTimer = setTimeout(() => this.action(null), 5500);
  }

  toBottom(smooth = false) {
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth && !calm() ? "smooth" : "instant" });
    this.atBottom = true;
    this.jump.hidden = true;
  }

  #scrolled() {
    const gap = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    // Only a person scrolls up; an edit that makes a message shorter or longer leaves the place as it was.
    const byHand = performance.now() - this.touchedAt < BY_HAND_MS;
    if (gap < 48) this.atBottom = true;
    else if (byHand && this.log.scrollTop < this.scrolledTo - 1) this.atBottom = false;
    this.scrolledTo = this.log.scrollTop;
    this.jump.hidden = gap < 160;
  }

  #place(message) {
    const known = this.views.get(message.message_id);
    if (known) {
      known.update(message);
      return known;
    }
    const view = new MessageView(this.phone, message);
    this.views.set(message.message_id, view);
    return view;
  }

  // Whoever was in a message that goes is then in the one beside it.
  #drop(id) {
    const { node } = this.views.get(id);
    const articles = this.#articles();
    const at = articles.indexOf(node);
    if (node.contains(document.activeElement)) (articles[at + 1] ?? articles[at - 1] ?? this.log).focus({ preventScroll: true });
    node.remove();
    this.views.delete(id);
    this.announcer.forget(id);
  }

  #articles() { return [...this.list.querySelectorAll(":scope > article")]; }

  // Up and down from message to message, from the chat itself to the newest one; Escape leads to the field.
  #walk(event) {
    if (event.key === "Escape") return this.phone.composer.first();
    const articles = this.#articles();
    const at = event.target === this.log ? articles.length : articles.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key];
    if (at < 0 || !articles[to]) return undefined;
    event.preventDefault();
    articles[to].focus({ preventScroll: true });
    return articles[to].scrollIntoView({ block: "nearest" });
  }

  // Puts every node where it belongs, moving only those that are elsewhere.
  #arrange() {
    const entries = [
      ...[...this.views.values()].map((view) => ({ view, sort: view.message.message_id, own: view.own })),
      ...[...this.shares.values()].map((view) => ({ view, sort: view.share.after + 0.5, own: null })),
    ].sort((a, b) => a.sort - b.sort || a.view.at - b.view.at);
    const wanted = [];
    const days = new Set();
    let last = null;
    entries.forEach((entry, index) => {
      const day = dayKey(entry.view.at);
      if (!last || dayKey(last.view.at) !== day) {
        if (!days.has(day)) wanted.push(this.#day(day, entry.view.at));
        days.add(day);
        last = null;
      }
      const next = entries[index + 1];
      const together = (a, b) => a && b && a.own !== null && a.own === b.own && Math.abs(a.view.at - b.view.at) < GROUP_MS && dayKey(a.view.at) === dayKey(b.view.at);
      entry.view.node.classList.toggle("first", !together(last, entry));
      entry.view.node.classList.toggle("last", !together(entry, next));
      wanted.push(entry.view.node);
      last = entry;
    });
    for (const day of [...this.days.keys()]) if (!days.has(day)) this.days.delete(day);
    this.greeting.hidden = wanted.length > 0;
    const had = this.list.contains(document.activeElement) ? document.activeElement : null;
    let cursor = this.list.firstChild;
    for (const node of wanted) {
      if (cursor === node) cursor = cursor.nextSibling;
      else this.list.insertBefore(node, cursor);
    }
    while (cursor) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
    if (had?.isConnected && had !== document.activeElement) had.focus({ preventScroll: true });
    if (this.atBottom) this.toBottom();
  }

  #day(key, at) {
    if (!this.days.has(key)) this.days.set(key, h("div", { class: "day" }, h("span")));
    const node = this.days.get(key);
    node.dataset.at = at;
    this.#nameDay(node);
    return node;
  }

  #nameDay(node) {
    const name = dayName(Number(node.dataset.at), this.phone.now());
    if (node.firstChild.textContent !== name) node.firstChild.textContent = name;
  }

  /** Called when the clock passes midnight: "Today" becomes "Yesterday". */
  renameDays() {
    for (const node of this.days.values()) this.#nameDay(node);
  }
}
