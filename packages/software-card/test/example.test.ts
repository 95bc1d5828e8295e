import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { encodePayRequest } from "@tallystick/protocol";
import { payOnce } from "./example.ts";
import { MemoryStore, personalized, predictable, request } from "../src/testing/issued-card.ts";

it("the documented example pays", async () => {
  const store = new MemoryStore();
  await personalized(store);
  const paid = await payOnce({ store, random: predictable() }, ({ cardKey, counter }) =>
    encodePayRequest(request(cardKey, counter + 1, 50n)),
  );
  expect(paid).toMatchObject({ counter: 1, spent: 50n });
});

it("refuses with a card that has not been issued", async () => {
  const paying = payOnce({ store: new MemoryStore(), random: predictable() }, () => new Uint8Array(67));
  await expect(paying).rejects.toThrow(Error);
});

it("the documentation shows the example as it is", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const [, code = ""] = /^([\s\S]*?)(?=^export )/m.exec(read("./example.ts")) ?? [];
  const example = read("./example.ts").slice(code.length);
  expect(read("../../../docs/reference/software-card.md")).toContain(example);
});
