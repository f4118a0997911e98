/** A reply as blocks to show: prose, code, or data. Only for looking at; what counts is what the engine read. */

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly language: string; readonly path: string; readonly text: string }
  | { readonly kind: "data"; readonly value: unknown };

const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\n`]*)$/;

export function blocks(text: string): Block[] {
  const data = asData(text.trim());
  if (data !== undefined) return [{ kind: "data", value: data }];
  const found: Block[] = [];
  const lines = text.split("\n");
  let prose: string[] = [];
  const say = () => {
    const said = prose.join("\n").trim();
    if (said) found.push({ kind: "text", text: said });
    prose = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const opened = FENCE.exec(lines[index] ?? "");
    if (!opened) {
      prose.push(lines[index] ?? "");
      continue;
    }
    say();
    const end = closing(lines, index + 1, opened[1] ?? "```");
    const inside = lines.slice(index + 1, end).join("\n");
    const [language = "", path = ""] = (opened[2] ?? "").trim().split(/\s+/, 2);
    const value = language === "json" && !path ? asData(inside.trim()) : undefined;
    if (value !== undefined) found.push({ kind: "data", value });
    else found.push({ kind: "code", language, path, text: inside });
    index = end;
  }
  say();
  return found;
}

function closing(lines: readonly string[], from: number, mark: string): number {
  for (let index = from; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    if (line.startsWith(mark) && /^(`+|~+)$/.test(line)) return index;
  }
  return lines.length;
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
