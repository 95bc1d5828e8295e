import assert from "node:assert/strict";
import { bytesToHex } from "../../iso7816/bytes.ts";
import type { VirtualCard } from "../virtual/virtual-card.ts";
import type { ConformanceCase } from "./environment.ts";
import { SELECT, COMMAND, WAIT, isReady, expectCode, untilCommands, withCard } from "./support.ts";

/** Cards that go, break off or fall silent. */
export const lossCases: readonly ConformanceCase[] = [
  {
    name: "reports an answer of fewer than two bytes as torn",
    needs: null,
    run: (environment) =>
      withCard(environment, "short", async ({ connect }) => {
        const connection = await connect();
        await expectCode("TORN", connection.transmit(COMMAND));
      }),
  },
  {
    name: "reports a card removed before a command, and takes it again when it is back",
    needs: null,
    run: async (environment) => {
      let back: VirtualCard | null = null;
      await withCard(environment, "echo", async ({ provider, card, connect }) => {
        const connection = await connect();
        assert.ok(await isReady(connection.transmit));
        await card.remove();
        await provider.reader(environment.readers[0]).waitForRemoval(WAIT);
        await expectCode(["CARD_REMOVED", "TORN"], connection.transmit(SELECT));
        await expectCode(["CARD_ABSENT", "CARD_MUTE"], connection.reset({ timeoutMs: 30, ready: isReady }));
        back = await environment.insert(0, "echo");
        await connection.reset({ ...WAIT, ready: isReady });
        assert.ok(await isReady(connection.transmit));
      });
      await (back as VirtualCard | null)?.remove();
    },
  },
  {
    name: "keeps the answer of a card that is removed after it, and lets go of it without an error",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ provider, card, connect }) => {
        const connection = await connect();
        const answered = connection.transmit(COMMAND);
        await untilCommands(card, 1);
        assert.equal(bytesToHex(await answered), "801000009000");
        await card.remove();
        await connection.disconnect();
        await expectCode("NOT_CONNECTED", connection.transmit(COMMAND));
        const reader = provider.reader(environment.readers[0]);
        await reader.waitForRemoval(WAIT);
        assert.equal((await reader.status()).card, "absent");
      }),
  },
  {
    name: "reports a card torn off during a command as torn, and the same connection goes on after a reset",
    needs: null,
    run: async (environment) => {
      let back: VirtualCard | null = null;
      await withCard(environment, "tear", async ({ card, connect }) => {
        const connection = await connect();
        await expectCode("TORN", connection.transmit(COMMAND));
        await card.remove();
        back = await environment.insert(0, "echo");
        await connection.reset({ ...WAIT, ready: isReady });
        assert.equal(bytesToHex(await connection.transmit(COMMAND)), "801000009000");
      });
      await (back as VirtualCard | null)?.remove();
    },
  },
  {
    name: "resets a card that stays where it is",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ card, connect }) => {
        const connection = await connect();
        assert.ok(await isReady(connection.transmit));
        const before = await card.resets();
        await connection.reset({ ready: isReady });
        assert.ok((await card.resets()) > before, "the card saw no reset");
      }),
  },
  {
    name: "gives a mute card up after the time limit and refuses it until it answers",
    needs: null,
    run: (environment) =>
      withCard(environment, "mute", async ({ provider, card }) => {
        const reader = provider.reader(environment.readers[0]);
        const connection = await reader.connect({ transmitTimeoutMs: 200 });
        await expectCode("CARD_MUTE", connection.transmit(COMMAND));
        await expectCode("NOT_CONNECTED", connection.transmit(SELECT));
        await expectCode("CARD_MUTE", reader.connect());
        assert.equal((await reader.status()).card, "mute");
        card.release();
        await connection.reset({ ...WAIT, ready: isReady });
        assert.ok(await isReady(connection.transmit));
      }),
  },
];
