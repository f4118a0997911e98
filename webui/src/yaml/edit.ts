/**
 * Changes to a YAML text that leave everything else as it is: comments, order, quotes, line breaks.
 *
 * The text is the truth. A change is cut into it where it belongs; only when that cannot be done so that the text means
 * what it should, the whole is written anew by the library, which keeps the comments as well.
 */
import { isAlias, isMap, isNode, isPair, isScalar, parseDocument, stringify, visit, type Document, type Node, type Pair, type YAMLMap } from "yaml";

export type Path = readonly string[];

/** The text cannot be read, so that it cannot be changed from the graph. */
export class Unreadable extends Error {}

const WRITTEN = { lineWidth: 0, flowCollectionPadding: false } as const;

export function read(text: string): Document.Parsed {
  return parseDocument(text, { keepSourceTokens: false });
}

/** What the text means; undefined when it cannot be read. */
export function meaning(text: string): unknown {
  const document = read(text);
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

/**
 * The text with `value` at `path`; undefined takes it out.
 *
 * Throws Unreadable when the text is no YAML.
 */
export function edit(text: string, path: Path, value: unknown): string {
  const document = read(text);
  const before = meaning(text);
  if (document.errors.length > 0 || before === undefined) throw new Unreadable(document.errors[0]?.message ?? "");
  const wanted = applied(before, path, value);
  const cut = splice(text, document, path, value);
  if (cut !== undefined && same(meaning(cut), wanted)) return cut;
  return rewritten(document, path, value);
}

function rewritten(document: Document.Parsed, path: Path, value: unknown): string {
  keepAnchors(document, path);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  return document.toString(WRITTEN);
}

/** Values under `path` that are used elsewhere by alias move to where they are used first. */
function keepAnchors(document: Document.Parsed, path: Path): void {
  const leaving = document.getIn(path, true);
  if (!isNode(leaving)) return;
  const inside = new Set<unknown>();
  const anchored = new Map<string, Node>();
  visit(leaving as Node, {
    Node: (_, node) => {
      inside.add(node);
      if ("anchor" in node && node.anchor) anchored.set(node.anchor, node);
    },
  });
  visit(document, {
    Alias: (_, alias) => {
      if (inside.has(alias)) return undefined;
      const source = anchored.get(alias.source);
      if (!source) return undefined;
      anchored.delete(alias.source);
      return source.clone() as Node;
    },
  });
}

/** The text with the change cut into it; undefined where that is not tried. */
function splice(text: string, document: Document.Parsed, path: Path, value: unknown): string | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const holder = path.length === 1 ? document.contents : parent;
  const name = path.at(-1) ?? "";
  if (!isMap(holder) || holder.flow) return undefined;
  const pair = pairOf(holder, name);
  const indent = column(text, holder);
  if (pair) {
    if (isAlias(pair.value) && value !== undefined) return undefined;
    const [start, end] = extent(text, pair);
    const tail = value === undefined ? "" : commentAfter(text, pair);
    const written = value === undefined ? "" : block({ [name]: value }, indent, tail);
    return text.slice(0, start) + written + text.slice(end);
  }
  if (value === undefined) return text;
  const last = holder.items.at(-1);
  if (!last) return undefined;
  const [, end] = extent(text, last as Pair);
  const glue = end > 0 && text[end - 1] !== "\n" ? "\n" : "";
  return text.slice(0, end) + glue + block({ [name]: value }, indent, "") + text.slice(end);
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((item): item is Pair => isPair(item) && isScalar(item.key) && String(item.key.value) === name);
}

/** How far the keys of a block mapping are indented. */
function column(text: string, map: YAMLMap): number {
  const first = map.items[0];
  const start = isPair(first) && isNode(first.key) ? (first.key.range?.[0] ?? 0) : 0;
  return start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** From the start of a pair's first line to the end of its last. */
function extent(text: string, pair: Pair): [number, number] {
  const key = (pair.key as Node).range ?? [0, 0, 0];
  const value = isNode(pair.value) ? pair.value.range : undefined;
  const start = text.lastIndexOf("\n", key[0] - 1) + 1;
  const stop = Math.max(value?.[1] ?? 0, key[1]);
  if (stop > 0 && text[stop - 1] === "\n") return [start, stop];
  const line = text.indexOf("\n", stop);
  return [start, line === -1 ? text.length : line + 1];
}

/** The comment that stands behind a value of one line. */
function commentAfter(text: string, pair: Pair): string {
  const [start, end] = extent(text, pair);
  const value = isNode(pair.value) ? pair.value.range : undefined;
  if (!value || text.slice(start, value[1]).includes("\n")) return "";
  const rest = text.slice(value[1], end).trimEnd();
  return rest.trimStart().startsWith("#") ? rest : "";
}

/** A mapping as lines with `indent`, each ended; `tail` goes behind the first when it is the only one. */
function block(value: Record<string, unknown>, indent: number, tail: string): string {
  const lines = stringify(value, { ...WRITTEN, defaultKeyType: "PLAIN" }).trimEnd().split("\n");
  const space = " ".repeat(indent);
  const written = lines.map((line) => (line === "" ? "" : space + line));
  if (lines.length === 1 && tail) written[0] += tail;
  return `${written.join("\n")}\n`;
}

/** `value` put at `path` of plain data; nothing shared with what was given is changed. */
export function applied(data: unknown, path: Path, value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const copy: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {};
  if (rest.length > 0) copy[name] = applied(copy[name], rest, value);
  else if (value === undefined) delete copy[name];
  else copy[name] = value;
  return copy;
}

/** Whether two values of plain data mean the same; the order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return left.length === Object.keys(b).length && left.every(([name, inner]) => name in right && same(inner, right[name]));
}
