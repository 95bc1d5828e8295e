import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { createSigner, toAddress, toHex } from "@tallystick/protocol";
import { NOTHING } from "../operations/statements/statement-effects.ts";
import { statementJson } from "../operations/statements/statement-json.ts";
import type { Statement } from "../operations/statements/statement-form.ts";
import { statementCommand } from "./statement-command.ts";

const folder = mkdtempSync(join(tmpdir(), "statement-"));
const file = join(folder, "statement.json");
const anchored = join(folder, "anchored.json");
const early = join(folder, "early.json");
const issuer = createSigner(new Uint8Array(32).fill(7));
const vault = toAddress(new Uint8Array(20).fill(9));
const EMPTY = `0x${"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`;

/** Of nobody, in a log of nothing. */
const statementOf = (anchor: Statement["head"]["anchor"], complete = true): Statement => ({
  head: {
    ...{ payee: toHex(vault), name: '=cmd|"/C calc"!A0<script>', from: "2026-11-01", to: "2026-11-30" },
    ...{ madeAt: "2026-12-01T09:00:00.000Z", complete, log: { size: 0, root: EMPTY }, anchor },
    ...{ consistency: [], opening: NOTHING, openingIn: 0n, openingOut: 0n },
  },
  pieces: (async function* () {
    await Promise.resolve();
    yield { piece: "end", end: { lines: 0, closing: NOTHING, after: [] } } as const;
  })(),
});

async function write(to: string, statement: Statement): Promise<void> {
  const asset = { code: "TUSD", decimals: 6, scale: 1n };
  let text = "";
  const writing = { asset, domain: { chainId: 1n, vault }, issuer: { keyId: 1, sign: issuer.sign } };
  for await (const piece of statementJson(statement, writing)) text += piece;
  writeFileSync(to, text);
}

beforeAll(async () => {
  await write(file, statementOf(null));
  await write(early, statementOf(null, false));
  await write(
    anchored,
    statementOf({ batch: "3d2f0cd2-3f2c-4b8e-9d2a-000000000001", tx: EMPTY, size: 0, root: EMPTY }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

it("judges a file, with the issuer's key and without it", () => {
  expect(statementCommand([file]).accepted).toBe(true);
  const signed = statementCommand([file, "--json", "--issuer-key", toHex(issuer.publicKey)]);
  expect(JSON.parse(signed.line)).toMatchObject({ fault: null, signature: "issuer", lines: 0, anchor: null });
  const other = createSigner(new Uint8Array(32).fill(8));
  const wrong = statementCommand([file, "--json", "--issuer-key", toHex(other.publicKey)]);
  expect(wrong.accepted).toBe(false);
  expect(JSON.parse(wrong.line)).toMatchObject({ fault: { code: "STATEMENT_SIGNATURE", line: null } });
  const rooted = statementCommand([file, "--json", "--root", EMPTY]);
  expect(JSON.parse(rooted.line)).toMatchObject({ fault: { code: "STATEMENT_ROOT" } });
});

it("says whether a root from the chain was compared, or stands there by the statement's own claim", () => {
  const root = (args: readonly string[]): unknown => JSON.parse(statementCommand([...args, "--json"]).line).root;
  expect(root([anchored])).toBe("claimed");
  expect(root([anchored, "--root", EMPTY])).toBe("given");
  expect([root([file]), root([anchored, "--root", toHex(new Uint8Array(32))])]).toEqual([null, null]);
  expect(statementCommand([anchored]).line).not.toBe(statementCommand([anchored, "--root", EMPTY]).line);
});

it("says of a statement that was made before its period was over that it is not complete", () => {
  const said = (name: string): readonly unknown[] => {
    const [sentence, json] = [statementCommand([name]), statementCommand([name, "--json"])];
    return [sentence.accepted, /not complete/i.test(sentence.line), JSON.parse(json.line).complete];
  };
  expect(said(early)).toEqual([true, true, false]);
  expect(said(file)).toEqual([true, false, true]);
});

it("names what is wrong with its arguments", () => {
  for (const args of [
    [],
    [file, file],
    [join(folder, "none")],
    [file, "--root", "0x1"],
    [file, "--issuer-key", "0x02"],
  ])
    expect(() => statementCommand(args)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
