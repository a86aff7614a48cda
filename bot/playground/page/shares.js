// What one person shared with the other outside the bot. Known to this tab only.

import { avatar, h } from "./dom.js";
import { hhmm } from "./format.js";
import { botLink, webLink } from "./links.js";

const KEY = "stillhere.shares";

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export const sharesFor = (person) => read()[person] ?? [];

export function keepShare(person, share) {
  const all = read();
  (all[person] ??= []).push(share);
  all[person] = all[person].slice(-30);
  sessionStorage.setItem(KEY, JSON.stringify(all));
}

/** A card in the other phone's stream: a message from the partner, outside the bot. */
export class ShareView {
  constructor(phone, share) {
    this.share = share;
    this.at = share.at;
    const own = botLink(share.url, phone.bot.username);
    const web = webLink(share.url);
    let action = null;
    if (own) action = h("button", { type: "button", class: "share-open", onclick: () => phone.open(own) }, `Open in ${phone.bot.first_name}`);
    else if (web) action = h("button", { type: "button", class: "share-open", onclick: () => phone.follow(web) }, "Open the link");
    this.node = h("article", { class: "shared", tabindex: "-1", "data-share": share.id, "aria-label": `Message from ${share.from.first_name}` },
      h("header", {}, avatar(share.from), h("b", {}, `Message from ${share.from.first_name}`), h("time", {}, hhmm(share.at))),
      share.text ? h("p", { dir: "auto" }, share.text) : null,
      share.url ? h("p", { class: "share-url" }, share.url) : null,
      action,
      h("small", {}, "outside the bot"));
  }
}
