// What a link means here: the bot's own link, a share sheet, or the world outside.

const TELEGRAM = new Set(["t.me", "www.t.me", "telegram.me", "telegram.dog"]);

function parse(text) {
  const trimmed = text.trim();
  if (!trimmed || /\s/.test(trimmed)) return null;
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`);
  } catch {
    return null;
  }
}

/** The link to open if `text` is a link to this bot (with or without a start payload), else null. */
export function botLink(text, username) {
  const url = parse(text);
  if (!url || !username) return null;
  const name = username.toLowerCase();
  let payload = null;
  if (TELEGRAM.has(url.hostname) && url.pathname.replace(/\/$/, "").toLowerCase() === `/${name}`) {
    payload = url.searchParams.get("start") ?? "";
  } else if (url.protocol === "tg:" && url.hostname === "resolve" && url.searchParams.get("domain")?.toLowerCase() === name) {
    payload = url.searchParams.get("start") ?? "";
  }
  if (payload === null) return null;
  return botAddress(username, payload);
}

export const botAddress = (username, payload) => `https://t.me/${username}${payload ? `?start=${encodeURIComponent(payload)}` : ""}`;

/** `{url, text}` if this is Telegram's share sheet, else null. */
export function shareLink(text) {
  const url = parse(text);
  if (!url) return null;
  const telegram = TELEGRAM.has(url.hostname) && ["/share/url", "/share", "/msg"].includes(url.pathname.replace(/\/$/, ""));
  if (!telegram && !(url.protocol === "tg:" && ["msg_url", "msg"].includes(url.hostname))) return null;
  return { url: url.searchParams.get("url") ?? "", text: url.searchParams.get("text") ?? "" };
}

/** A web address that may be opened in a tab, else null. */
export function webLink(text) {
  const url = parse(text);
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}
