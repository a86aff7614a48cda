// The control API and its events (docs/playground.md).

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`/playground/${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("The playground does not answer.", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer.error || `The playground answered ${response.status}.`, response.status);
  return answer;
}

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const to = (person, what, body = {}) => call("POST", `people/${person}/${what}`, body);

export const api = {
  addPerson: (fields) => call("POST", "people", fields),
  messages: (person) => call("GET", `people/${person}/messages`),
  say: (person, text, replyTo) => to(person, "say", replyTo ? { text, reply_to: replyTo } : { text }),
  edit: (person, messageId, text) => to(person, "edit", { message_id: messageId, text }),
  tap: (person, messageId, data) => to(person, "tap", { message_id: messageId, data }),
  press: (person, text, place) => to(person, "press", { text, ...place }),
  inline: (person, query) => to(person, "inline", { query }),
  open: (person, link) => to(person, "open", { link }),
  location: (person, place) => to(person, "location", place),
  media: (person, kind) => to(person, "media", { kind }),
  block: (person) => to(person, "block"),
  unblock: (person) => to(person, "unblock"),
  advance: (body) => call("POST", "clock/advance", body),
  flow: (flowing) => call("POST", "clock/flow", { flowing }),
  begin: (scene, locale) => call("POST", "begin", { scene, locale }),
  script: (what) => call("POST", "script", { do: what }),
  file: (fileId) => `/playground/files/${encodeURIComponent(fileId)}`,
};

const EVENTS = ["state", "message", "edited", "deleted", "keyboard", "answer", "inline", "action", "clock", "world", "stage"];

/** Listens for good: a lost connection is taken up again, however it was lost. */
export function listen(onEvent, onLink) {
  const source = new EventSource("/playground/events");
  source.addEventListener("open", () => onLink(true));
  source.addEventListener("error", () => {
    onLink(false);
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(onEvent, onLink), 1500);
    }
  });
  for (const name of EVENTS) {
    source.addEventListener(name, (event) => onEvent(name, JSON.parse(event.data)));
  }
  addEventListener("pagehide", () => source.close(), { once: true });
}
