// Sheets that slide up inside one phone: menus, questions, alerts. The other phone stays usable.

import { h } from "./dom.js";

const CITIES = [
  ["Berlin", 52.52, 13.405], ["London", 51.5074, -0.1278], ["Istanbul", 41.0082, 28.9784], ["New York", 40.7128, -74.006],
  ["São Paulo", -23.5505, -46.6333], ["Kathmandu", 27.7172, 85.324], ["Tokyo", 35.6762, 139.6503], ["Sydney", -33.8688, 151.2093],
];
const LANGUAGES = [["en", "English"], ["de", "Deutsch"], ["es", "Español"], ["fr", "Français"], ["pt-br", "Português (Brasil)"], ["tr", "Türkçe"], ["ar", "العربية"]];

let counter = 0;

/**
 * Opens a sheet in `screen`. `actions` are `{label, kind?, act?}`; an action closes the sheet unless it
 * returns false. The first action, or the first field, has the focus. Answers with a function that closes.
 */
export function openSheet(screen, { title, text, body = [], actions = [], role = "dialog", onClose }) {
  screen.querySelector(".veil-sheet")?.close?.();
  const had = document.activeElement;
  const id = `sheet-${++counter}`;
  const others = [...screen.children];
  const close = () => {
    if (!host.isConnected) return;
    const inside = host.contains(document.activeElement) || document.activeElement === document.body;
    host.remove();
    for (const node of others) node.inert = false;
    if (inside) (backTo(had) ?? backTo(...screen.querySelectorAll("textarea, .big")))?.focus({ preventScroll: true });
    onClose?.();
  };
  const buttons = actions.filter(Boolean).map(({ label, kind = "", act }) =>
    h("button", { type: "button", class: `sheet-action ${kind}`, onclick: () => { if (act?.() !== false) close(); } }, label));
  const form = h("form", {},
    h("h2", { id }, title), text ? h("p", { class: "sheet-text", id: `${id}-text`, dir: "auto" }, text) : null, body,
    h("div", { class: "sheet-actions" }, buttons));
  const sheet = h("div", { class: "sheet", role, "aria-labelledby": id, "aria-describedby": text ? `${id}-text` : null }, form);
  const host = h("div", { class: "veil-sheet" }, sheet);
  host.close = close;
  form.addEventListener("submit", (event) => { event.preventDefault(); buttons[0]?.click(); });
  host.addEventListener("click", (event) => { if (event.target === host) close(); });
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event, buttons);
  });
  for (const node of others) node.inert = true;
  screen.append(host);
  (sheet.querySelector("input, select") ?? buttons[0])?.focus({ preventScroll: true });
  return close;
}

/** The first of these that can have the focus: what had it may be gone meanwhile. */
const backTo = (...nodes) => nodes.find((node) => node && node !== document.body && node.isConnected && node.checkVisibility({ visibilityProperty: true }));

function step(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  buttons.at((at + (event.key === "ArrowDown" ? 1 : -1)) % buttons.length).focus();
}

const CANCEL = { label: "Cancel", kind: "quiet" };

export const alertSheet = (screen, name, text) =>
  openSheet(screen, { title: name, text, role: "alertdialog", actions: [{ label: "OK", kind: "primary" }] });

export const menuSheet = (screen, title, actions) => openSheet(screen, { title, actions: [...actions, CANCEL] });

export function askSheet(screen, title, text, actions) {
  return openSheet(screen, { title, text, actions: [...actions, CANCEL] });
}

export function placeSheet(screen, send) {
  const field = (label, name, value, limit) => {
    const input = h("input", { name, inputmode: "decimal", value, required: true, type: "number", step: "any", min: -limit, max: limit });
    return [h("label", { class: "field" }, h("span", {}, label), input), input];
  };
  const [northLabel, north] = field("Latitude", "latitude", CITIES[0][1], 90);
  const [eastLabel, east] = field("Longitude", "longitude", CITIES[0][2], 180);
  const chips = h("div", { class: "chips", role: "group", "aria-label": "Cities" }, CITIES.map(([name, latitude, longitude]) =>
    h("button", { type: "button", class: "chip", onclick: () => { north.value = latitude; east.value = longitude; } }, name)));
  return openSheet(screen, {
    title: "Share a location", text: "Pick a city or type the place. It goes to the bot on this machine only.",
    body: [chips, h("div", { class: "fields" }, northLabel, eastLabel)],
    actions: [{
      label: "Share this location", kind: "primary",
      act: () => {
        if (!north.reportValidity() || !east.reportValidity()) return false;
        send({ latitude: Number(north.value), longitude: Number(east.value) });
        return true;
      },
    }, CANCEL],
  });
}

export function personSheet(screen, add) {
  const name = h("input", { name: "first_name", required: true, maxlength: "64", autocomplete: "off" });
  const language = h("select", { name: "language_code" }, LANGUAGES.map(([code, label]) => h("option", { value: code }, label)));
  return openSheet(screen, {
    title: "Add a person",
    body: [h("div", { class: "fields stacked" }, h("label", { class: "field" }, h("span", {}, "First name"), name),
      h("label", { class: "field" }, h("span", {}, "Language of the phone"), language))],
    actions: [{
      label: "Add", kind: "primary",
      act: () => {
        name.value = name.value.trim();
        if (!name.reportValidity()) return false;
        add({ first_name: name.value, language_code: language.value });
        return true;
      },
    }, CANCEL],
  });
}
