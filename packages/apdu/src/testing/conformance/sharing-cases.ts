import assert from "node:assert/strict";
import { bytesFromHex, bytesToHex } from "../../iso7816/bytes.ts";
import { isReaderError } from "../../reader/reader-error.ts";
import type { CardConnection, ReaderProvider } from "../../reader/reader.ts";
import type { Rival } from "../virtual/rival.ts";
import type { VirtualCard } from "../virtual/virtual-card.ts";
import type { ConformanceCase, ConformanceEnvironment } from "./environment.ts";
import { SELECT, COMMAND, WAIT, answerOf, isReady, expectCode, withCard, untilInUse } from "./support.ts";

const RIVAL_COMMAND = bytesFromHex("80200000");
const ourCommand = (index: number) => Uint8Array.of(0x80, 0x10, 0x01, index);

/** Runs `work` with a shared connection and another process that has seen the card. */
async function withRival(
  environment: ConformanceEnvironment,
  work: (parts: { provider: ReaderProvider; card: VirtualCard; rival: Rival; first: CardConnection }) => Promise<void>,
): Promise<void> {
  await withCard(environment, "echo", async ({ provider, card }) => {
    assert.ok(environment.startRival !== null);
    const rival = await environment.startRival();
    try {
      const first = await provider.reader(environment.readers[0]).connect({ share: "shared" });
      await work({ provider, card, rival, first });
    } finally {
      await rival.end();
    }
  });
}

/**
 * Runs exclusive work as soon as it is possible, and from its beginning where the reader failed in
 * the middle. Where there are no transactions it is refused as long as somebody else is at the card;
 * and the service may be about to power off a card that was just let go, so that a command fails.
 */
async function aloneWhenPossible(connection: CardConnection, work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  for (;;) {
    try {
      return await connection.exclusively(async () => {
        assert.ok(await isReady(connection.transmit));
        await work();
      });
    } catch (error) {
      if (!isReaderError(error) || performance.now() > deadline) throw error;
    }
  }
}

/** Several who want one card, of this process and of another. */
export const sharingCases: readonly ConformanceCase[] = [
  {
    name: "keeps a card that is held exclusively from others, until it is let go",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ connect }) => {
        const first = await connect();
        await expectCode("READER_IN_USE", connect());
        await first.disconnect();
        const second = await connect();
        assert.ok(await isReady(second.transmit));
        assert.equal(await second.exclusively(async () => "alone"), "alone");
      }),
  },
  {
    name: "lets no other process come between the commands of exclusive work",
    needs: "sharing",
    run: (environment) =>
      withRival(environment, async ({ card, rival, first }) => {
        rival.pester(RIVAL_COMMAND);
        await rival.until(() => rival.outcomes.includes("ok"));
        await aloneWhenPossible(first, async () => {
          const tries = rival.begun;
          await first.transmit(ourCommand(0));
          await rival.until(() => rival.begun > tries || rival.begun > rival.outcomes.length);
          for (let i = 1; i < 20; i++) await first.transmit(ourCommand(i));
        });
        const finished = rival.outcomes.length;
        await rival.until(() => rival.outcomes.slice(finished + 1).includes("ok"));
        await rival.stop();
        const commands = await card.commands();
        const start = commands.lastIndexOf(bytesToHex(ourCommand(0)));
        const expected = Array.from({ length: 20 }, (_value, index) => bytesToHex(ourCommand(index)));
        assert.deepEqual(commands.slice(start, start + 20), expected);
        assert.ok(commands.slice(0, start).includes(bytesToHex(RIVAL_COMMAND)));
        assert.ok(commands.slice(start + 20).includes(bytesToHex(RIVAL_COMMAND)));
      }),
  },
  {
    name: "says so when another process holds the card exclusively, and takes it once it is free",
    needs: "sharing",
    run: (environment) =>
      withRival(environment, async ({ provider, rival, first }) => {
        const reader = provider.reader(environment.readers[0]);
        await first.disconnect();
        await rival.hold({ share: "exclusive", exclusively: false });
        await expectCode("READER_IN_USE", reader.connect());
        await expectCode("READER_IN_USE", reader.connect({ share: "shared" }));
        if (environment.reportsUse) await untilInUse(reader);
        await rival.stop();
        assert.ok(await isReady((await reader.connect()).transmit));
      }),
  },
  {
    name: "nests exclusive work, and shares the card only after the outermost",
    needs: "sharing",
    run: (environment) =>
      withCard(environment, "echo", async ({ provider, card }) => {
        const reader = provider.reader(environment.readers[0]);
        const first = await reader.connect({ share: "shared" });
        await first.exclusively(async () => {
          const fault = new Error("no more paper");
          await assert.rejects(
            first.exclusively(() => Promise.reject(fault)),
            (error) => error === fault,
          );
          assert.ok(await isReady(first.transmit));
          await first.transmit(COMMAND);
        });
        const second = await reader.connect({ share: "shared" });
        assert.ok(await isReady(second.transmit));
        assert.deepEqual(await card.commands(), [bytesToHex(COMMAND)]);
      }),
  },
  {
    name: "without transactions, runs exclusive work only while nobody else holds the card",
    needs: "takeover",
    run: (environment) =>
      withRival(environment, async ({ provider, rival, first }) => {
        await rival.hold({ share: "shared", exclusively: false });
        await expectCode(
          "READER_IN_USE",
          first.exclusively(async () => undefined),
        );
        assert.ok(await isReady(first.transmit));
        await rival.stop();
        const reader = provider.reader(environment.readers[0]);
        await aloneWhenPossible(first, () => expectCode("READER_IN_USE", reader.connect({ share: "shared" })));
        assert.ok(await isReady((await reader.connect({ share: "shared" })).transmit));
      }),
  },
  {
    name: "with transactions, runs exclusive work while others hold the card, one after another",
    needs: "transactions",
    run: (environment) =>
      withRival(environment, async ({ provider, card, rival, first }) => {
        await rival.hold({ share: "shared", exclusively: false });
        assert.equal(await first.exclusively(async () => bytesToHex(await first.transmit(COMMAND))), "801000009000");
        await rival.stop();
        await rival.hold({ share: "shared", exclusively: true });
        const work: string[] = [];
        await expectCode(
          "READER_IN_USE",
          first.exclusively(async () => work.push("must not run")),
        );
        await expectCode("READER_IN_USE", first.transmit(ourCommand(1)));
        await expectCode("READER_IN_USE", provider.reader(environment.readers[0]).connect({ share: "shared" }));
        assert.deepEqual(work, []);
        const waiting = first.transmit(ourCommand(2));
        await rival.stop();
        assert.deepEqual(await waiting, answerOf(ourCommand(2)));
        assert.deepEqual(await card.commands(), [COMMAND, ourCommand(2)].map(bytesToHex));
      }),
  },
  {
    name: "with transactions, frees the card when the process that holds it dies",
    needs: "transactions",
    run: (environment) =>
      withRival(environment, async ({ rival, first }) => {
        await rival.hold({ share: "shared", exclusively: true });
        await rival.end();
        await first.reset({ ready: isReady });
        assert.equal(await first.exclusively(async () => "alone"), "alone");
      }),
  },
  {
    name: "reports that another program reset the card",
    needs: "sharing",
    run: (environment) =>
      withCard(environment, "echo", async ({ provider }) => {
        const reader = provider.reader(environment.readers[0]);
        const first = await reader.connect({ share: "shared" });
        const second = await reader.connect({ share: "shared" });
        await second.reset();
        await expectCode("CARD_RESET", first.transmit(SELECT));
        await first.reset({ ready: isReady });
        assert.ok(await isReady(first.transmit));
      }),
  },
];
