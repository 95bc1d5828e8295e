import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type CardConnection, ReaderError, type ReaderErrorCode, type ReaderStatus } from "@tallystick/apdu";
import { payee, servedDomain, terminalSigner } from "../../../test/harness/test-terminal.ts";
import type { Collector } from "./collect-from-card.ts";
import { type CollectCommand, type CollectLine, runCollect } from "./run-collect.ts";

const fails = (code: ReaderErrorCode): Promise<never> => Promise.reject(new ReaderError(code, { reader: "test" }));
const answers = (hex: string) => (): Promise<Uint8Array> => Promise.resolve(Uint8Array.from(Buffer.from(hex, "hex")));

let folder: string;
let collector: Collector;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-collect-"));
  collector = { domains: [await servedDomain()], payee, signer: terminalSigner };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Cards that come one after the other, each the answers to its commands. */
async function collect(
  cards: readonly (readonly CardConnection["transmit"][])[],
  waiting: () => Promise<never> = () => fails("CARD_ABSENT"),
): Promise<readonly [string, number][]> {
  const coming = [...cards];
  const lines: CollectLine[] = [];
  let open = 0;
  const reader: CollectCommand["reader"] = {
    waitForCard: async () => (coming.length > 0 ? ({} as ReaderStatus) : await waiting()),
    waitForRemoval: () => Promise.resolve(),
    connect: () => {
      const script = [...(coming.shift() ?? [])];
      open += 1;
      const transmit = async (command: Uint8Array): Promise<Uint8Array> =>
        await (script.shift()?.(command) ?? fails("CARD_REMOVED"));
      const disconnect = (): Promise<void> => {
        open -= 1;
        return Promise.resolve();
      };
      return Promise.resolve({ transmit, disconnect } as unknown as CardConnection);
    },
  };
  const command = { collector, reader, file: join(folder, "found"), waitMs: 0 };
  await runCollect(command, (line) => lines.push(line));
  expect(open).toBe(0);
  return lines.map(({ event, payments }) => [event, payments] as const) as [string, number][];
}

describe("collecting what cards hold", () => {
  it("takes a card without the applet for one that holds nothing", async () => {
    expect(await collect([[answers("6a82")], [answers("6a82")]])).toEqual([
      ["card", 0],
      ["card", 0],
      ["done", 0],
    ]);
    expect(readFileSync(join(folder, "found"))).toHaveLength(0);
  });

  it("says of a card that went too early that it did, and nothing of one that was not there", async () => {
    expect(await collect([[answers("6999")], [], [answers("6a82")]])).toEqual([
      ["left-early", 0],
      ["card", 0],
      ["done", 0],
    ]);
  });

  it("overwrites no file, and ends where the reader does not work", async () => {
    await collect([]);
    await expect(collect([])).rejects.toMatchObject({ code: "BUNDLES_FILE_EXISTS" });
    rmSync(join(folder, "found"));
    await expect(collect([], () => fails("NO_SERVICE"))).rejects.toMatchObject({ code: "NO_SERVICE" });
  });
});
