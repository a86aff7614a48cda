// Times and sizes in words. The page is English and speaks in the browser's time zone.

const shape = (options) => new Intl.DateTimeFormat("en-GB", options);
const HHMM = shape({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const HHMMSS = shape({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const LONG_DAY = shape({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const DAY = shape({ day: "numeric", month: "long" });
const DAY_YEAR = shape({ day: "numeric", month: "long", year: "numeric" });
const SHORT = shape({ weekday: "short", day: "numeric", month: "short" });

export const hhmm = (ms) => HHMM.format(ms);
export const hhmmss = (ms) => HHMMSS.format(ms);
export const longDay = (ms) => LONG_DAY.format(ms);

export function dayKey(ms) {
  const day = new Date(ms);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

export function dayName(ms, now) {
  if (dayKey(ms) === dayKey(now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayKey(ms) === dayKey(yesterday)) return "Yesterday";
  return (new Date(ms).getFullYear() === new Date(now).getFullYear() ? DAY : DAY_YEAR).format(ms);
}

/** "20:00", or "Tue, 3 Mar, 20:00" on another day than today. */
export const when = (ms, now) => (dayKey(ms) === dayKey(now) ? hhmm(ms) : `${SHORT.format(ms)}, ${hhmm(ms)}`);

export function until(ms, now) {
  const seconds = Math.round((ms - now) / 1000);
  if (seconds <= 0) return "now";
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `in ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `in ${hours} h ${minutes % 60} min` : `in ${hours} h`;
  const days = Math.round(hours / 24);
  return days === 1 ? "in a day" : `in ${days} days`;
}

export function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export const duration = (seconds = 0) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** "Mara's phone", "Jonas's phone". */
export const phoneOf = (person) => `${person.first_name}'s phone`;
