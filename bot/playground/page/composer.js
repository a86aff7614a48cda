// The foot of a phone: Start, Unblock, or the field to write in with the list of commands.

import { h, icon } from "./dom.js";
import { botLink } from "./links.js";
import { summary } from "./message.js";

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.context = null; // {kind: "reply" or "edit", message}
    this.field = h("textarea", { "aria-label": "Message", rows: "1", maxlength: "4096", dir: "auto", autocomplete: "off", enterkeyhint: "send" });
    this.menu = h("button", { type: "button", class: "menu-button", "aria-label": "Menu", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.#toggleMenu() }, icon("menu"), h("span", {}, "Menu"));
    this.keys = h("button", { type: "button", class: "round-button keys-button", "aria-label": "Keyboard", hidden: true, onclick: () => phone.replyKeyboard.toggle() }, icon("keys"));
    this.send = h("button", { type: "submit", class: "round-button send", "aria-label": "Send" }, icon("send"));
    this.bar = h("div", { class: "context", hidden: true });
    this.commands = h("div", { class: "commands", role: "menu", "aria-label": "Commands", lang: "", hidden: true });
    this.form = h("form", { class: "write" }, this.menu, h("div", { class: "field-box" }, this.field, this.keys), this.send);
    this.big = h("button", { type: "button", class: "big", hidden: true, onclick: () => this.#bigAction() });
    this.node = h("footer", { class: "composer" }, this.commands, this.bar, this.form, this.big);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => this.#typed());
    this.commands.addEventListener("keydown", (event) => this.#listKey(event));
    this.node.addEventListener("focusout", (event) => { if (!this.node.contains(event.relatedTarget)) this.#hideCommands(); });
    this.placeholder();
    this.#typed();
  }

  /** Start, Unblock or the field, as the person stands with the bot. */
  update() {
    const { person, bot } = this.phone;
    const mode = person.blocked ? "unblock" : person.started ? "write" : "start";
    this.menu.hidden = bot.commands.length === 0;
    if (mode === this.mode) return;
    const focused = this.node.contains(document.activeElement);
    this.mode = mode;
    this.form.hidden = mode !== "write";
    this.big.hidden = mode === "write";
    this.big.textContent = mode === "unblock" ? "Unblock" : "Start";
    if (mode !== "write") this.setContext(null);
    if (focused) (mode === "write" ? this.field : this.big).focus({ preventScroll: true });
  }

  placeholder(text) {
    this.field.placeholder = text || "Message";
  }

  setContext(kind, message) {
    this.context = kind ? { kind, message } : null;
    this.bar.hidden = !kind;
    this.bar.replaceChildren();
    if (!kind) return;
    const cancel = h("button", { type: "button", class: "round-button", "aria-label": kind === "edit" ? "Stop editing" : "Do not reply to it", onclick: () => this.#cancelContext() }, icon("close"));
    this.bar.append(h("div", {}, h("b", {}, kind === "edit" ? "Edit message" : "Reply"), h("span", {}, summary(message))), cancel);
    if (kind === "edit") this.#fill(message.text);
  }

  /** What somebody is about to write, where a transcript is played; never over what stands there. */
  ghost(text) {
    if (this.field.value && this.field.value !== this.ghosted) return;
    this.ghosted = text;
    this.field.value = text;
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight || 38, 132)}px`;
  }

  /** Start, Unblock or the field: whatever comes first here. */
  first() {
    (this.mode === "write" ? this.field : this.big).focus({ preventScroll: true });
  }

  focus() {
    if (this.mode === "write") this.field.focus({ preventScroll: true });
  }

  #cancelContext() {
    if (this.context?.kind === "edit") this.#fill("");
    this.setContext(null);
    this.field.focus();
  }

  #fill(text) {
    this.field.value = text;
    this.#typed();
  }

  async #submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const context = this.context;
    this.placeholder(this.phone.replyKeyboard.markup?.input_field_placeholder);
    this.#fill("");
    this.setContext(null);
    this.#hideCommands();
    const link = botLink(text, this.phone.bot.username);
    let done;
    if (context?.kind === "edit") done = await this.phone.edit(context.message, text);
    else if (link) done = await this.phone.open(link);
    else done = await this.phone.say(text, context?.message.message_id);
    if (!done && !this.field.value) {
      this.#fill(text);
      if (context) this.setContext(context.kind, context.message);
      this.field.value = text;
    }
  }

  async #bigAction() {
    this.big.disabled = true;
    await (this.mode === "unblock" ? this.phone.setBlocked(false) : this.phone.start());
    this.big.disabled = false;
    if (document.activeElement === document.body || this.node.contains(document.activeElement)) this.first();
  }

  #typed() {
    const { field } = this;
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
    this.send.classList.toggle("ready", field.value.trim() !== "");
    const match = /^\/(\w*)$/.exec(field.value);
    if (!match) return this.#hideCommands();
    this.#showCommands(match[1].toLowerCase());
    const found = this.commands.hidden ? 0 : this.commands.childElementCount;
    return this.phone.stream.announcer.note(found ? `${found === 1 ? "1 command" : `${found} commands`}, the arrow up leads there.` : "No such command.");
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.commands.hidden;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.#hideCommands();
    } else if (event.key === "Escape" && this.context) {
      this.#cancelContext();
    } else if (event.key === "ArrowUp" && open) {
      event.preventDefault();
      this.commands.lastElementChild?.focus();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      const last = this.phone.stream.lastOwn();
      if (last) { event.preventDefault(); this.phone.editOwn(last); }
    } else if (event.key === "Tab" && open && !event.shiftKey && this.field.value.length > 1) {
      event.preventDefault();
      this.#fill(`/${this.commands.firstElementChild.dataset.command}`);
    }
  }

  #listKey(event) {
    const items = [...this.commands.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (items[next] ?? this.field).focus();
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      items.at(event.key === "Home" ? 0 : -1).focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      this.#hideCommands();
      this.field.focus();
    }
  }

  #toggleMenu() {
    if (!this.commands.hidden) this.#hideCommands();
    else {
      this.#showCommands("");
      this.commands.firstElementChild?.focus();
    }
  }

  #showCommands(prefix) {
    const fitting = this.phone.bot.commands.filter((command) => command.command.startsWith(prefix));
    if (fitting.length === 0) return this.#hideCommands();
    this.commands.replaceChildren(...fitting.map(({ command, description }) =>
      h("button", { type: "button", role: "menuitem", "data-command": command, onclick: () => this.#choose(command) },
        h("b", {}, `/${command}`), h("span", {}, description))));
    this.commands.hidden = false;
    this.menu.setAttribute("aria-expanded", "true");
  }

  #hideCommands() {
    this.commands.hidden = true;
    this.menu.setAttribute("aria-expanded", "false");
  }

  #choose(command) {
    this.#fill("");
    this.#hideCommands();
    this.field.focus();
    this.phone.say(`/${command}`);
  }
}
