/** Numbers, times and names as people read them. */
import { language } from "@/i18n";
import { inWords } from "@/i18n/sentences";

import { plain } from "./plain";

export { oneLine, plain } from "./plain";

export function thousands(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e5 ? 1 : 0)}k`;
  return `${(count / 1e6).toFixed(1)}M`;
}

export function duration(seconds: number): string {
  const zh = language() === "zh";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} ${zh ? "秒" : "s"}`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return zh ? `${minutes} 分 ${rest} 秒` : `${minutes} min ${rest} s`;
  const hours = Math.floor(minutes / 60);
  return zh ? `${hours} 小时 ${minutes % 60} 分` : `${hours} h ${minutes % 60} min`;
}

export function money(amount: number): string {
  return amount.toLocaleString(language(), { maximumFractionDigits: amount < 1 ? 4 : 2 });
}

export function clock(at: number): string {
  return new Date(at * 1000).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function day(at: number): string {
  return new Date(at * 1000).toLocaleString(language(), {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KB`;
  if (count < 1024 ** 3) return `${(count / 1024 ** 2).toFixed(1)} MB`;
  return `${(count / 1024 ** 3).toFixed(1)} GB`;
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((100 * part) / whole) : 0;
}

/** A measure as people read it: not more digits than mean something. */
export function scalar(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  return typeof value === "string" ? plain(value) : JSON.stringify(value);
}

/** A sentence of the server, in the page's language where there are words for it, and `plain`. */
export function spoken(text: string): string {
  return plain(inWords(text));
}
