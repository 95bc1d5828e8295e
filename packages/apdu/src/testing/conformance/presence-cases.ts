import assert from "node:assert/strict";
import { bytesToHex } from "../../iso7816/bytes.ts";
import type { ConformanceCase } from "./environment.ts";
import { WAIT, expectCode } from "./support.ts";

/** Readers and cards that come and go. */
export const presenceCases: readonly ConformanceCase[] = [
  {
    name: "lists several readers and names an unknown one",
    needs: null,
    run: async (environment) => {
      const provider = environment.createProvider();
      const names = (await provider.list()).map(({ name }) => name);
      for (const name of environment.readers) assert.ok(names.includes(name), `${name} is missing in ${names.join()}`);
      await expectCode("READER_UNKNOWN", provider.reader("no such reader").status());
      await expectCode("READER_UNKNOWN", provider.reader("no such reader").connect());
      await provider.close();
    },
  },
  {
    name: "reports an absent card, sees it come and go",
    needs: null,
    run: async (environment) => {
      const provider = environment.createProvider();
      const reader = provider.reader(environment.readers[0]);
      await reader.waitForRemoval(WAIT);
      await expectCode("CARD_ABSENT", reader.connect());
      await expectCode("CARD_ABSENT", reader.waitForCard({ timeoutMs: 60 }));
      const card = await environment.insert(0, "echo");
      const status = await reader.waitForCard(WAIT);
      assert.equal(status.card, "present");
      assert.equal(bytesToHex(status.atr ?? new Uint8Array()), "3B80800101");
      await expectCode("READER_IN_USE", reader.waitForRemoval({ timeoutMs: 60 }));
      await card.remove();
      await reader.waitForRemoval(WAIT);
      await provider.close();
    },
  },
  {
    name: "gives up waiting when it is asked to",
    needs: null,
    run: async (environment) => {
      const provider = environment.createProvider();
      const giveUp = new AbortController();
      const reason = new Error("the terminal was closed");
      const reader = provider.reader(environment.readers[0]);
      // The card of the case before may still be seen for a while.
      await reader.waitForRemoval(WAIT);
      const waiting = reader.waitForCard({ ...WAIT, signal: giveUp.signal });
      giveUp.abort(reason);
      await assert.rejects(waiting, (error) => error === reason);
      await provider.close();
    },
  },
];
