/**
 * Sentences that the server says, in the language of the page. The English sentence is the key, with `{0}`, `{1}` … for
 * what is filled in, as it stands in the server's source. What is in no table stays as it is: words of compilers, of
 * other servers and of exceptions.
 */
interface Rule {
  readonly pattern: RegExp;
  readonly said: string;
  /** Hardly a word of its own: it counts only when something that fills it is known. */
  readonly loose: boolean;
}

const LOOSE = 6;
const DEEPEST = 4;
/** What is longer is no sentence of the server's, but something that it passes on. */
const LONGEST = 2000;
let rules: readonly Rule[] = [];
let whole: ReadonlyMap<string, string> = new Map();

/** Take up a table; an empty one leaves sentences as they are. */
export function learn(table: Readonly<Record<string, string>>): void {
  const entries = Object.entries(table);
  whole = new Map(entries.filter(([key]) => !/{\d}/.test(key)));
  rules = entries
    .filter(([key]) => /{\d}/.test(key))
    .toSorted(([a], [b]) => own(b) - own(a))
    .map(([key, said]) => ({ pattern: patternOf(key), said, loose: own(key) < LOOSE }));
}

/** What the server says, as far as there are words for it. */
export function inWords(text: string): string {
  return whole.size === 0 ? text : text.split("\n").map((line) => line && (sentence(line, 0) ?? parts(line))).join("\n");
}

/** The same, or undefined when the page's language has no words for it. */
export function known(text: string): string | undefined {
  return whole.size === 0 ? text : sentence(text, 0);
}

/** Two sentences in a row, of which at least one is known. */
function parts(line: string): string {
  const cut = line.search(/[.?!] [A-Z]/);
  if (cut < 0) return line;
  const rest = line.slice(cut + 2);
  return `${sentence(line.slice(0, cut + 1), 0) ?? line.slice(0, cut + 1)} ${sentence(rest, 0) ?? parts(rest)}`;
}

function sentence(text: string, depth: number): string | undefined {
  const found = matched(text, depth);
  if (found !== undefined || !text.endsWith(".")) return found;
  const open = matched(text.slice(0, -1), depth);
  return open === undefined ? undefined : `${open}。`;
}

function matched(text: string, depth: number): string | undefined {
  if (text.length > LONGEST) return undefined;
  const small = text.charAt(0).toLowerCase() + text.slice(1);
  const exact = whole.get(text) ?? whole.get(small);
  if (exact !== undefined || depth > DEEPEST) return exact;
  for (const { pattern, said, loose } of rules) {
    const filled = pattern.exec(text)?.slice(1) ?? pattern.exec(small)?.slice(1);
    if (!filled) continue;
    const spoken = filled.map((one) => sentence(one, depth + 1));
    if (loose && spoken.every((one) => one === undefined)) continue;
    return said.replace(/{(\d)}/g, (_, place: string) => spoken[Number(place)] ?? filled[Number(place)] ?? "");
  }
  return undefined;
}

function patternOf(key: string): RegExp {
  const literal = key.replace(/[.*+?^$|()[\]\\]/g, "\\$&").replace(/{(?!\d})/g, "\\{").replace(/(?<!{\d)}/g, "\\}");
  return new RegExp(`^${literal.replace(/{\d}/g, "([^]*?)")}$`);
}

/** How many letters of a sentence are its own. */
function own(key: string): number {
  return key.replace(/{\d}|[\s(),.:;'=]/g, "").length;
}
