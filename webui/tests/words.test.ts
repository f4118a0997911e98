import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { en } from "@/i18n/en";
import { zh } from "@/i18n/zh";
import { plain } from "@/ui/format";

type Tree = { readonly [name: string]: string | Tree };

function flat(words: Tree, before = ""): Map<string, string> {
  return new Map(Object.entries(words).flatMap(([name, word]) => (typeof word === "string" ? [[before + name, word] as const] : [...flat(word, `${before}${name}.`)])));
}

const [english, chinese] = [flat(en), flat(zh as unknown as Tree)];
const SOURCES = readdirSync(new URL("../src/", import.meta.url), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("i18n/"))
  .map((name) => readFileSync(new URL(`../src/${name}`, import.meta.url), "utf8"))
  .join("\n");

test("both languages say everything", () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  expect([...chinese.values()].every((word) => word.trim() !== "")).toBe(true);
});

test("what is filled in is the same in both", () => {
  const holes = (word: string) => [...word.matchAll(/{{(\w+)}}/g)].map((hole) => hole[1]).sort();
  for (const [name, word] of english) expect([name, holes(chinese.get(name) ?? "")]).toEqual([name, holes(word)]);
});

test("Chinese is Chinese", () => {
  const latin = [...chinese].filter(([name, word]) => !/[\u4e00-\u9fff]/.test(word.replace(/{{\w+}}/g, "")) && english.get(name) === word);
  expect(latin.map(([name]) => name)).toEqual(["models.step.driver", "models.step.mend", "models.engine"]);
});

test("every word is used", () => {
  const unused = [...english.keys()].filter((name) => {
    const plural = name.replace(/_(one|other)$/, "");
    if (SOURCES.includes(`"${plural}"`)) return false;
    const parts = plural.split(".");
    return !parts.some((_, index) => index > 0 && SOURCES.includes(`${parts.slice(0, index).join(".")}.\${`)) && !plural.startsWith("errors.");
  });
  expect(unused).toEqual([]);
});

test("text of others is made visible where it would act", () => {
  expect(plain("a\u202eb\u001b[31m\u0007\r\n\tc\u200b")).toBe("a⟨U+202E⟩b␛[31m␇\n\tc⟨U+200B⟩");
  expect(plain("中文 é 👩\u200d💻")).toBe("中文 é 👩\u200d💻");
});
