/** A reply as blocks to show: prose, code, changes, or data. Only for looking at; what counts is what the engine read. */

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly language: string; readonly path: string; readonly text: string }
  /** What is taken out and what is put in; each line begins with `-`, `+`, a blank or `@@`. */
  | { readonly kind: "change"; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: "data"; readonly value: unknown };

const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\n`]*)$/;
const SEARCH = /^[ \t]*<{5,}[ \t]*SEARCH\b[ \t:]*(.*?)[ \t]*$/i;
const DIVIDER = /^[ \t]*={5,}[ \t]*$/;
const REPLACE = /^[ \t]*>{5,}[ \t]*(?:REPLACE|UPDATED|SEARCH|END)?[ \t]*$/i;
/** A line that is nothing but a path, however it is dressed up. */
const PATH = /^[\s#*`]*([\w@+-][\w./@+-]*\.\w+|[\w.-]+\/[\w./@+-]+|Makefile|Dockerfile)[\s`*:]*$/;

export function blocks(text: string): Block[] {
  const data = asData(text.trim());
  return data === undefined ? new Reader(text.split("\n")).read() : [{ kind: "data", value: data }];
}

class Reader {
  private readonly found: Block[] = [];
  private prose: string[] = [];

  constructor(
    private readonly lines: readonly string[],
    /** What the fence around them names. */
    private readonly path = "",
  ) {}

  read(): Block[] {
    for (let index = 0; index < this.lines.length; index += 1) {
      const line = this.lines[index] ?? "";
      const fence = FENCE.exec(line);
      if (fence) index = this.fence(index, fence[1] ?? "```", (fence[2] ?? "").trim());
      else if (SEARCH.test(line)) index = this.edit(index);
      else if (line.startsWith("diff --git ") || this.beginsPatch(index)) index = this.patch(index);
      else this.prose.push(line);
    }
    this.say();
    return this.found;
  }

  private say(): void {
    const said = this.prose.join("\n").trim();
    if (said) this.found.push({ kind: "text", text: said });
    this.prose = [];
  }

  private fence(from: number, mark: string, info: string): number {
    const end = closing(this.lines, from + 1, mark);
    const inside = this.lines.slice(from + 1, end);
    const [language = "", path = ""] = info.split(/\s+/, 2);
    const value = language === "json" && !path ? asData(inside.join("\n").trim()) : undefined;
    if (inside.some((line) => SEARCH.test(line))) {
      const named = this.named() || path || (PATH.test(language) ? language : "");
      this.say();
      this.found.push(...new Reader(inside, named).read());
      return end;
    }
    this.say();
    if (value !== undefined) this.found.push({ kind: "data", value });
    else if (language === "diff" || language === "patch") this.found.push(...changes(inside));
    else this.found.push({ kind: "code", language, path, text: inside.join("\n") });
    return end;
  }

  /** An edit as it is asked for: the path, what is searched, what replaces it. One that does not end ends here. */
  private edit(from: number): number {
    const path = this.named() || (SEARCH.exec(this.lines[from] ?? "")?.[1] ?? "") || this.path;
    this.say();
    const end = seek(this.lines, from + 1, REPLACE);
    const body = this.lines.slice(from + 1, end);
    const divider = body.findIndex((line) => DIVIDER.test(line));
    const at = divider < 0 ? body.length : divider;
    this.found.push({ kind: "change", path, lines: compared(body.slice(0, at), body.slice(at + 1)) });
    return end;
  }

  /** The path that stands on the line before, which is then no prose. */
  private named(): string {
    const place = this.prose.findLastIndex((line) => line.trim() !== "");
    const path = PATH.exec(this.prose[place] ?? "")?.[1] ?? "";
    if (path) this.prose.splice(place);
    return path;
  }

  private beginsPatch(at: number): boolean {
    const [old = "", young = "", hunk = ""] = this.lines.slice(at, at + 3);
    return old.startsWith("--- ") && young.startsWith("+++ ") && hunk.startsWith("@@");
  }

  private patch(from: number): number {
    this.say();
    let end = from;
    while (end < this.lines.length && /^(diff |index |---|\+\+\+|@@|[-+ \\]|new file|deleted|rename|old mode|new mode|similarity|$)/.test(this.lines[end] ?? "")) end += 1;
    this.found.push(...changes(this.lines.slice(from, end)));
    return end - 1;
  }
}

/** A patch as one change for each file; the lines that only git needs are left out. */
export function changes(lines: readonly string[]): Extract<Block, { kind: "change" }>[] {
  const files: { kind: "change"; path: string; lines: string[] }[] = [];
  const open = (path: string) => files.push({ kind: "change", path: path.trim(), lines: [] });
  let inside = false;
  for (const [index, line] of lines.entries()) {
    const young = lines[index + 1] ?? "";
    if (line.startsWith("diff --git ")) {
      open(line.replace(/^diff --git a\/.* b\//, ""));
      inside = false;
    } else if (line.startsWith("--- ") && young.startsWith("+++ ")) {
      if (files.at(-1)?.lines.length !== 0) open(young.slice(4).replace(/^b\//, ""));
      inside = false;
    } else if (line.startsWith("@@")) inside = true;
    if (line !== "" && (inside || line.startsWith("Binary files"))) files.at(-1)?.lines.push(line);
  }
  return files.length > 0 ? files : [{ kind: "change", path: "", lines: lines.filter((line) => line !== "") }];
}

/** Two versions line by line; what both begin and end with is the same. */
function compared(old: readonly string[], young: readonly string[]): string[] {
  const most = Math.min(old.length, young.length);
  let head = 0;
  while (head < most && old[head] === young[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === young.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((line) => ` ${line}`);
  return [
    ...same(old.slice(0, head)),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...young.slice(head, young.length - tail).map((line) => `+${line}`),
    ...same(old.slice(old.length - tail)),
  ];
}

function closing(lines: readonly string[], from: number, mark: string): number {
  for (let index = from; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    if (line.startsWith(mark) && /^(`+|~+)$/.test(line)) return index;
  }
  return lines.length;
}

/** The first line from `from` on that is one; else where the text ends. */
function seek(lines: readonly string[], from: number, which: RegExp): number {
  const found = lines.findIndex((line, index) => index >= from && which.test(line));
  return found < 0 ? lines.length : found;
}

function asData(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
