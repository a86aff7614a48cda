// Says what arrives, for those who listen, and each thing once. The chats are no live regions: a breath that moves
// would never end.

import { h } from "./dom.js";
import { spoken } from "./message.js";

const KEPT_MS = 15000;
const STILL_MS = 4000;
const TAPPED_MS = 6000;
const LONGEST = 600;

export class Announcer {
  /** Its place is outside the phone: what is hidden there (the other chat, a narrow window, a sheet) says nothing. */
  constructor(phone) {
    this.phone = phone;
    this.known = new Map(); // by message id: what is said of it, or will be
    this.later = new Map();
    this.tappedAt = new Map();
    this.node = h("div", { class: "offscreen", "aria-live": "polite", "data-announcer": "" });
    document.body.append(this.node);
  }

  /** What stands there already need not be said. */
  know(message) { this.known.set(message.message_id, heard(message)); }

  /** One's own tap: what comes of it is no interruption. */
  tapped(id) { this.tappedAt.set(id, performance.now()); }

  /** A message that came or was edited; edits when they have come to rest, so a breath is not said twelve times. */
  say(message, fresh) {
    const id = message.message_id;
    const before = this.known.get(id);
    const now = heard(message);
    this.know(message);
    if (fresh || !before) return this.#say(now.words, now.labels, "");
    if (before.words === now.words && before.labels === now.labels) return undefined;
    const from = this.later.get(id)?.from ?? before;
    clearTimeout(this.later.get(id)?.timer);
    const say = () => {
      this.later.delete(id);
      if (from.words !== now.words) this.#say(now.words, now.labels, "Changed: ");
      else if (from.labels !== now.labels && now.labels) this.#say("", now.labels, "");
    };
    if (performance.now() - (this.tappedAt.get(id) ?? -Infinity) < TAPPED_MS) return say();
    return this.later.set(id, { from, timer: setTimeout(say, STILL_MS) });
  }

  /** Something of the page itself. */
  note(words) { this.#line(h("p", {}, words)); }

  forget(id) {
    clearTimeout(this.later.get(id)?.timer);
    this.later.delete(id);
  }

  clear() {
    for (const id of [...this.later.keys()]) this.forget(id);
    this.known.clear();
    this.tappedAt.clear();
    this.node.replaceChildren();
  }

  #say(words, labels, how) {
    const { first_name: name, language_code: lang } = this.phone.person;
    this.#line(h("p", {}, `${name}'s phone. ${how}`, h("span", { lang }, words.slice(0, LONGEST)),
      labels ? [words ? ". " : "", "Buttons: ", h("span", { lang }, labels)] : null));
  }

  #line(line) {
    this.node.append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }
}

const heard = (message) => ({
  words: spoken(message),
  labels: (message.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text).join(", "),
});
