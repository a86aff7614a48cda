// Says what arrives, for those who listen. The chat itself is not a live region: a breath that moves would never end.

import { h } from "./dom.js";

const KEPT_MS = 15000;
const QUIET_MS = 12000;
const LONGEST = 600;

export class Announcer {
  constructor(phone) {
    this.phone = phone;
    this.said = new Map();
    this.node = h("div", { class: "offscreen", "aria-live": "polite", "data-announcer": "" });
  }

  /** A message of the bot that came, or one that was edited and had been still for a while. */
  say(message, fresh) {
    const text = message.text ?? message.caption ?? "";
    const labels = (message.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text);
    const words = `${fresh ? "" : "Changed: "}${text}${labels.length ? `. ${labels.length === 1 ? "Button" : "Buttons"}: ${labels.join(", ")}` : ""}`;
    const before = this.said.get(message.message_id);
    const now = performance.now();
    this.said.set(message.message_id, { words: words.replace("Changed: ", ""), at: now });
    if (before && (before.words === words.replace("Changed: ", "") || now - before.at < QUIET_MS)) return;
    const line = h("p", {}, `${this.phone.person.first_name}'s phone. ${words.slice(0, LONGEST)}`);
    this.node.append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }

  clear() {
    this.said.clear();
    this.node.replaceChildren();
  }
}
