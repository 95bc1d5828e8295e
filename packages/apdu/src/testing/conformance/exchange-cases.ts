import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { bytesFromHex, bytesToHex } from "../../iso7816/bytes.ts";
import type { ConformanceCase } from "./environment.ts";
import { SELECT, COMMAND, WAIT, answerOf, isReady, expectCode, withCard } from "./support.ts";

const FIRST_CONNECTS = 10;

/** Files that this process has open. */
function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Commands and their answers. */
export const exchangeCases: readonly ConformanceCase[] = [
  {
    name: "carries short and extended commands, and answers longer than 256 bytes",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ connect }) => {
        const connection = await connect();
        assert.equal(connection.reader, environment.readers[0]);
        assert.equal(bytesToHex(connection.atr), "3B80800101");
        const short = bytesFromHex("8010000003010203");
        assert.deepEqual(await connection.transmit(short), answerOf(short));
        const extended = Uint8Array.of(0x80, 0x12, 0, 0, 0, 0x02, 0x58, ...new Uint8Array(600).fill(0x5a));
        assert.deepEqual(await connection.transmit(extended), answerOf(extended));
        await connection.disconnect();
        await connection.disconnect();
        await expectCode("NOT_CONNECTED", connection.transmit(short));
      }),
  },
  {
    name: "goes on after a driver that knows no commands to the reader itself",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ connect }) => {
        const connection = await connect();
        if (connection.escape !== undefined)
          await expectCode("READER_FAULT", connection.escape(bytesFromHex("E000002400")));
        assert.deepEqual(await connection.transmit(COMMAND), answerOf(COMMAND));
        await connection.disconnect();
      }),
  },
  {
    name: "answers commands given at once in their order",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ connect }) => {
        const connection = await connect();
        const commands = Array.from({ length: 20 }, (_value, index) => Uint8Array.of(0x80, 0x10, 0, index));
        const answers = await Promise.all(commands.map((command) => connection.transmit(command)));
        assert.deepEqual(answers, commands.map(answerOf));
      }),
  },
  {
    name: "serves two readers side by side",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ provider, connect }) => {
        const other = await environment.insert(1, "short");
        try {
          const reader = provider.reader(environment.readers[1]);
          await reader.waitForCard(WAIT);
          const [first, second] = [await connect(), await reader.connect()];
          const answers = await Promise.all([first.transmit(COMMAND), second.transmit(SELECT)]);
          assert.deepEqual(answers.map(bytesToHex), ["801000009000", "9000"]);
          await expectCode("TORN", second.transmit(COMMAND));
          assert.ok(await isReady(first.transmit));
          await second.disconnect();
        } finally {
          await other.remove();
        }
      }),
  },
  {
    name: "connects again and again without a leak",
    needs: null,
    run: (environment) =>
      withCard(environment, "echo", async ({ connect }) => {
        const connectOnce = async () => {
          const connection = await connect();
          assert.equal(bytesToHex(await connection.transmit(SELECT)), "9000");
          await connection.disconnect();
        };
        // The first ones make what the binding keeps for its whole life, such as its watch over the
        // readers.
        for (let i = 0; i < FIRST_CONNECTS; i++) await connectOnce();
        const before = openDescriptors();
        for (let i = FIRST_CONNECTS; i < environment.connects; i++) await connectOnce();
        const grown = openDescriptors() - before;
        assert.ok(grown <= FIRST_CONNECTS, `${grown} more files are open than after the first connects`);
      }),
  },
];
