// Everything in a message that is not text: pictures, documents, places, service lines.

import { api } from "./api.js";
import { calm, h, icon } from "./dom.js";
import { duration, size } from "./format.js";

const SERVICE = {
  pinned_message: "A message was pinned",
  new_chat_members: "Somebody joined",
  left_chat_member: "Somebody left",
  write_access_allowed: "The bot may write now",
};

/** What to draw, as a small value that changes only when the drawing must: `{kind, …}` or null. */
export function mediaOf(message) {
  if (message.animation) return { kind: "animation", ...pick(message.animation), captioned: !!message.caption, hidden: !!message.has_media_spoiler };
  if (message.photo?.length) return { kind: "photo", ...pick(message.photo.at(-1)), captioned: !!message.caption, hidden: !!message.has_media_spoiler };
  if (message.video) return { kind: "video", ...pick(message.video) };
  if (message.video_note) return { kind: "round", duration: message.video_note.duration };
  if (message.sticker) return { kind: "sticker", emoji: message.sticker.emoji || "🙂" };
  if (message.dice) return { kind: "dice", emoji: message.dice.emoji, value: message.dice.value };
  if (message.voice || message.audio) return { kind: "voice", duration: (message.voice ?? message.audio).duration };
  if (message.document) return { kind: "document", ...pick(message.document) };
  if (message.location) return { kind: "place", ...message.location };
  if (message.contact) return { kind: "contact", name: [message.contact.first_name, message.contact.last_name].filter(Boolean).join(" "), phone: message.contact.phone_number };
  for (const [name, words] of Object.entries(SERVICE)) if (message[name]) return { kind: "service", words };
  if (message.text === undefined && message.caption === undefined) return { kind: "service", words: "A message this phone cannot show" };
  return null;
}

function pick(file) {
  const { file_id, width, height, mime_type, file_name, file_size } = file;
  return { file_id, width, height, mime_type, file_name, file_size };
}

const DRAW = {
  photo: (media, before) => veil(media, picture(media, before)),
  animation: (media, before) => veil(media, media.mime_type?.startsWith("video/") ? film(media, true) : moving(media, before)),
  video: (media) => film(media, false),
  document: (media) => h("a", { class: "file", href: api.file(media.file_id), download: media.file_name || "document" },
    h("span", { class: "file-badge" }, icon("file")),
    h("span", { class: "file-words" }, h("b", {}, media.file_name || "Document"), h("small", {}, size(media.file_size) || "Document"))),
  voice: (media) => h("div", { class: "voice" },
    h("span", { class: "file-badge" }, icon("play")),
    h("span", { class: "wave", role: "img", "aria-label": "Voice message" }, [5, 9, 14, 8, 17, 12, 6, 10, 16, 9, 5, 12, 8, 4].map((high) => bar(high))),
    h("small", {}, duration(media.duration))),
  round: (media) => h("div", { class: "round", role: "img", "aria-label": "Video message" }, icon("play"), h("small", {}, duration(media.duration))),
  sticker: (media) => h("div", { class: "sticker", role: "img", "aria-label": `Sticker ${media.emoji}` }, media.emoji),
  dice: (media) => h("div", { class: "sticker", role: "img", "aria-label": `Dice ${media.value}` }, media.emoji || "🎲", h("small", {}, String(media.value))),
  place: (media) => h("div", { class: "place" },
    h("div", { class: "map", "aria-hidden": "true" }, icon("pin")),
    h("span", {}, h("b", {}, "Location"), h("small", {}, `${media.latitude.toFixed(3)}, ${media.longitude.toFixed(3)}`))),
  contact: (media) => h("div", { class: "file" }, h("span", { class: "file-badge" }, icon("person")),
    h("span", { class: "file-words" }, h("b", {}, media.name), h("small", {}, media.phone))),
};

/** `before` is what stands there now: a picture that follows one shows when it is there, without a gap. */
export const drawMedia = (media, before) => DRAW[media.kind]?.(media, before) ?? null;

function bar(high) {
  const node = h("i");
  node.style.height = `${high}px`;
  return node;
}

/** What a picture is called; what it shows, its caption has to say. */
const named = (what, { file_name, captioned }) => `${what}${file_name ? ` ${file_name}` : ""}${captioned ? ", with the words below" : ""}`;

function picture(media, before, what = "Picture") {
  const image = h("img", { class: "picture", src: api.file(media.file_id), alt: named(what, media), width: media.width, height: media.height });
  const old = before?.matches?.("img, .moving") ? before.querySelector("img") ?? before : null;
  if (old && !image.complete) image.style.background = `center / cover url("${old.currentSrc || old.src}")`;
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "lost" }, "Picture not available")), { once: true });
  return image;
}

/** A picture that moves, with a button that holds it; where motion is not wanted it stands still at first. */
function moving(media, before) {
  const image = picture(media, before, "Animation");
  const still = h("canvas", { class: "picture still", hidden: true, role: "img", "aria-label": named("Animation", media), width: media.width, height: media.height });
  const toggle = h("button", { type: "button", class: "hold", onclick: () => hold(still.hidden) });
  const hold = (on) => {
    if (on) {
      still.width = image.naturalWidth;
      still.height = image.naturalHeight;
      still.getContext("2d").drawImage(image, 0, 0);
    }
    still.hidden = !on;
    image.classList.toggle("held", on); // what is not seen is not drawn: a loop costs a processor
    toggle.setAttribute("aria-label", on ? "Let it move" : "Hold the animation");
    toggle.replaceChildren(icon(on ? "play" : "pause"));
  };
  toggle.setAttribute("aria-label", "Hold the animation");
  toggle.append(icon("pause"));
  if (calm()) image.addEventListener("load", () => hold(true), { once: true });
  return h("div", { class: "moving" }, image, still, toggle);
}

function film(media, loop) {
  const still = calm();
  const video = h("video", {
    class: "picture", src: api.file(media.file_id), width: media.width, height: media.height,
    playsinline: true, loop, autoplay: loop && !still, controls: !loop || still, "aria-label": named(loop ? "Animation" : "Video", media),
  });
  video.muted = loop;
  video.addEventListener("error", () => video.replaceWith(h("span", { class: "lost" }, "Animation not available")), { once: true });
  return video;
}

function veil(media, node) {
  if (!media.hidden) return node;
  const cover = h("button", { type: "button", class: "veil", onclick: () => show() }, "Show");
  const show = () => {
    cover.closest("article")?.focus({ preventScroll: true });
    cover.remove();
  };
  return h("div", { class: "veiled" }, node, cover);
}
