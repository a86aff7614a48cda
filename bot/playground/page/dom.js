// Building nodes. Text only ever enters the page as text nodes.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  send: "M3.4 20.4 21 12 3.4 3.6 3.4 10l11 2-11 2z",
  more: "M12 7a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 12 7m0 6.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4m0 6.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4",
  menu: "M4 6h16v2H4zm0 5h16v2H4zm0 5h16v2H4z",
  keys: "M4 5h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7c0-1.1.9-2 2-2m1 3v2h2V8zm4 0v2h2V8zm4 0v2h2V8zm4 0v2h2V8zM5 11.5v2h2v-2zm4 0v2h2v-2zm4 0v2h2v-2zm4 0v2h2v-2zM7.500 15v1.800h9V15z",
  close: "m6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  down: "M12 15.600 5.700 9.300l1.400-1.400 4.900 4.900 4.900-4.900 1.400 1.400z",
  back: "m14.700 6.300 1.400 1.400L11.800 12l4.300 4.300-1.400 1.400L9 12z",
  away: "M8 6h10v10h-2V9.400L7.400 18 6 16.600 14.600 8H8z",
  copy: "M8 3h10a2 2 0 0 1 2 2v11h-2V5H8zM5 7h9a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V9c0-1.100.900-2 2-2m0 2v10h9V9z",
  share: "M13 4.500 21 12l-8 7.500V15c-5 0-8 1.500-10 4.500C4 13.500 7 9.800 13 9z",
  pin: "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7m0 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5",
  file: "M6 2h8l5 5v13a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V4c0-1.100.900-2 2-2m7 1.800V8h4.200z",
  play: "M8 5v14l11-7z",
  pause: "M7 5h3.500v14H7zm6.500 0H17v14h-3.500z",
  tick: "m4.5 12.600 1.300-1.400 4 3.800 8.100-8.700 1.400 1.300-9.400 10.100z",
  ticks: "m1.500 12.600 1.300-1.400 4 3.800 8.100-8.700 1.400 1.300-9.400 10.100zm9.600 3.700 1.300-1.400.9.800 8.100-8.700 1.400 1.300L13.400 18.400z",
  mute: "M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2m6-7.400V11a6 6 0 0 0-4.500-5.800v-.700a1.500 1.500 0 0 0-3 0v.700c-.500.100-1 .300-1.400.600zM4.300 3 3 4.300l4 4c-.600.800-1 1.700-1 2.700v5l-2 2v1h13.700l2 2 1.300-1.300z",
  person: "M12 12a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9m0 2c-4.400 0-8 2.300-8 5.200V21h16v-1.800c0-2.900-3.600-5.200-8-5.200",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A round picture with the person's initial; the colour follows from the id. */
export function avatar(person) {
  const initial = [...person.first_name.trim()][0] ?? "?";
  const node = h("span", { class: "avatar", "aria-hidden": "true" }, initial.toUpperCase());
  node.dataset.tone = String(Math.abs(Number(person.id) || 0) % 5);
  return node;
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const had = document.activeElement;
    const area = h("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    had?.focus?.();
    return done;
  }
}

/** Puts out of use what keeps the focus: a button that is really disabled loses it. */
export function idle(node, on) {
  if (on) node.setAttribute("aria-disabled", "true");
  else node.removeAttribute("aria-disabled");
}

/** Whether a button may be pressed now. */
export const ready = (node) => node.getAttribute("aria-disabled") !== "true";

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
