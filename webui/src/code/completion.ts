/** What may stand at a place of a YAML text: from the server's schema, and the names there are. */
import { snippet, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Record<string, Schema>;
  readonly properties?: Record<string, Schema>;
  readonly patternProperties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  readonly description?: string;
}

/** Names that the schema cannot know: key: what may be its value. */
export type Names = Readonly<Record<string, readonly string[]>>;

interface Place {
  /** Keys from the top to the mapping the cursor is in. */
  readonly path: readonly string[];
  /** Keys that are there already. */
  readonly siblings: ReadonlySet<string>;
}

const KEY = /^(\s*)(?:- )?([A-Za-z_][\w-]*)\s*:/;

/** Where line `row` (from 0) with `indent` stands, told by the indentation above it. */
export function placeOf(lines: readonly string[], row: number, indent: number): Place {
  const path: string[] = [];
  const siblings = new Set<string>();
  let bound = indent;
  for (let index = row - 1; index >= 0; index -= 1) {
    const found = KEY.exec(lines[index] ?? "");
    const depth = found?.[1]?.length ?? 0;
    const key = found?.[2];
    if (!key || depth > bound) continue;
    if (depth === bound && path.length === 0 && bound === indent) siblings.add(key);
    else if (depth < bound) {
      path.unshift(key);
      bound = depth;
    }
  }
  for (let index = row + 1; index < lines.length; index += 1) {
    const found = KEY.exec(lines[index] ?? "");
    const depth = found?.[1]?.length ?? 0;
    if (!found) continue;
    if (depth < indent) break;
    if (depth === indent && found[2]) siblings.add(found[2]);
  }
  return { path, siblings };
}

/** All schemas that may hold at `path`. */
export function schemasAt(root: Schema, path: readonly string[]): Schema[] {
  let here = opened(root, root);
  for (const key of path) here = here.flatMap((schema) => below(root, schema, key));
  return here;
}

function opened(root: Schema, schema: Schema): Schema[] {
  if (schema.$ref) {
    const target = root.$defs?.[schema.$ref.split("/").pop() ?? ""];
    return target ? opened(root, target) : [];
  }
  const choices = schema.anyOf ?? schema.oneOf ?? [];
  return [schema, ...choices.flatMap((choice) => opened(root, choice))];
}

function below(root: Schema, schema: Schema, key: string): Schema[] {
  const own = schema.properties?.[key];
  if (own) return opened(root, own);
  const pattern = Object.entries(schema.patternProperties ?? {}).find(([form]) => new RegExp(form, "u").test(key))?.[1];
  const rest = pattern ?? schema.additionalProperties;
  return typeof rest === "object" ? opened(root, rest) : [];
}

export function completions(schema: object, names: () => Names) {
  const root = schema as Schema;
  return (context: CompletionContext): CompletionResult | null => {
    const { doc } = context.state;
    const line = doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const valued = /^(\s*)(?:- )?([A-Za-z_][\w-]*):\s+(?:[[{].*[\s,[{:])?([\w.-]*)$/.exec(before);
    const lines = doc.toString().split("\n");
    if (valued) return values(root, names(), lines, line.number - 1, valued, context);
    const keyed = /^(\s*)([\w-]*)$/.exec(before);
    if (!keyed || (!context.explicit && !keyed[2])) return null;
    const place = placeOf(lines, line.number - 1, keyed[1]?.length ?? 0);
    const options = schemasAt(root, place.path).flatMap((one) => keys(one, place));
    return options.length > 0 ? { from: context.pos - (keyed[2]?.length ?? 0), options, validFor: /^[\w-]*$/ } : null;
  };
}

function keys(schema: Schema, place: Place): Completion[] {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !place.siblings.has(name))
    .map(([name, inner]) => ({
      label: name,
      type: "property",
      ...(inner.description ? { info: inner.description } : {}),
      apply: snippet(`${name}: \${}`),
    }));
}

function values(root: Schema, names: Names, lines: readonly string[], row: number, match: RegExpExecArray, context: CompletionContext): CompletionResult | null {
  const [, space = "", key = "", typed = ""] = match;
  const place = placeOf(lines, row, space.length);
  const parent = place.path.at(-1) ?? "";
  const known = names[key] ?? names[`${parent}.*`] ?? [];
  const listed = schemasAt(root, [...place.path, key]).flatMap((one) => [
    ...(one.enum ?? []),
    ...(one.const === undefined ? [] : [one.const]),
    ...(one.type === "boolean" ? ["true", "false"] : []),
    ...(one.items ? opened(root, one.items).flatMap((item) => item.enum ?? []) : []),
  ]);
  const labels = [...new Set([...known, ...listed.map(String)])];
  if (labels.length === 0 || (!context.explicit && !typed && known.length === 0)) return null;
  return { from: context.pos - typed.length, options: labels.map((label) => ({ label, type: "enum" })), validFor: /^[\w.-]*$/ };
}
