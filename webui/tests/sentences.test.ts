import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inWords, known, learn } from "../src/i18n/sentences";
import table from "../src/i18n/zh/sentences.json";

describe("sentences of the server in Chinese", () => {
  beforeAll(() => learn(table));
  afterAll(() => learn({}));

  test("what is filled in stays, and is spoken where it is a sentence itself", () => {
    expect(inWords("there is no run 'x'")).toBe("没有运行 'x'");
    expect(inWords("the limit of 400 tokens is reached (512 used)")).toBe("达到上限：令牌 400（已用 512）");
    expect(inWords("phase 'repair': 'repair' was tried 5 times")).toBe("阶段“repair”：“repair”已试了 5 次");
    expect(inWords("the path 'a/../b' is refused: '..' leaves the workspace")).toBe("拒绝路径 'a/../b'：“..”会离开工作区");
  });

  test("a sentence is known however it begins and ends", () => {
    expect(inWords("It did not end within its time.")).toBe("没有在限时内结束。");
    expect(inWords("No model is configured for the tier 'edge'. Set models.edge.base_url.")).toBe(
      "没有为 edge 层配置模型。 请设置 models.edge.base_url。",
    );
    expect(inWords("unknown key 'promt'.\ndid you mean 'prompt'?")).toBe("未知的键 'promt'。\n是不是 'prompt'？");
  });

  test("words of others stay as they are", () => {
    for (const said of ["error[E0308]: mismatched types", "ZeroDivisionError: division by zero", "a or b", ""]) {
      expect(inWords(said)).toBe(said);
    }
    expect(known("error[E0308]: mismatched types")).toBeUndefined();
  });

  test("a hostile sentence takes no time", () => {
    const began = performance.now();
    inWords(`phase '${"': phase '".repeat(2000)}`);
    expect(performance.now() - began).toBeLessThan(500);
  });

  test("in English all is as the server says it", () => {
    learn({});
    expect([inWords("there is no run 'x'"), known("anything")]).toEqual(["there is no run 'x'", "anything"]);
    learn(table);
  });
});
