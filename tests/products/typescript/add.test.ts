import test from "node:test";
import assert from "node:assert";
import { add } from "./add";
test("small", () => { assert.strictEqual(add(1, 2), 3); });
test("nothing", () => { assert.strictEqual(add(0, 0), 0); });
