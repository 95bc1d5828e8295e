import assert from "node:assert/strict";
import { bytesFromHex, bytesToHex } from "../bytes.ts";
import type { CardChannel } from "../card-channel.ts";
import { isReaderError, type ReaderErrorCode } from "../reader/reader-error.ts";
import type { CardConnection, Reader, ReaderProvider } from "../reader/reader.ts";
import type { Rival } from "./rival.ts";
import type { VirtualCard, VirtualCardBehaviour } from "./virtual-card.ts";

/** What the suite needs to drive a binding. Readers are by index 0 and 1; names are the binding's own. */
export interface ConformanceEnvironment {
  readonly readers: readonly [string, string];
  createProvider(): ReaderProvider;
  insert(reader: 0 | 1, behaviour: VirtualCardBehaviour): Promise<VirtualCard>;
  /** Ends and starts the service behind the readers; null where there is none. */
  readonly service: { kill(): Promise<void>; start(): Promise<void> } | null;
  /** Starts another process that wants the card of reader 0; null where only this process can reach it. */
  readonly startRival: (() => Promise<Rival>) | null;
  /** Whether a reader's status tells at once that another program took the card. */
  readonly tellsUse: boolean;
  /** How many connects the leak test makes. */
  readonly connects: number;
}

/**
 * What an environment must offer for a case to apply: a service that can end, cards that several connections may share, and
 * then either PC/SC's transactions or taking a shared card exclusively instead.
 */
export type ConformanceNeed = "service" | "sharing" | "transactions" | "takeover" | null;

/** One case of the suite. */
export interface ConformanceCase {
  readonly name: string;
  readonly needs: ConformanceNeed;
  run(environment: ConformanceEnvironment): Promise<void>;
}

const SELECT = bytesFromHex("00A4040007F0000000000100");
const COMMAND = bytesFromHex("80100000");
const WAIT = { timeoutMs: 10_000 };
const answerOf = (command: Uint8Array) => Uint8Array.of(...command, 0x90, 0x00);
const isReady = async (transmit: CardChannel) => bytesToHex(await transmit(SELECT)) === "9000";

async function expectCode(code: ReaderErrorCode | readonly ReaderErrorCode[], work: Promise<unknown>): Promise<void> {
  const codes = typeof code === "string" ? [code] : code;
  const error: unknown = await work.then(
    () => assert.fail(`expected ${codes.join(" or ")}, but it succeeded`),
    (caught: unknown) => caught,
  );
  assert.ok(isReaderError(error), `expected a ReaderError, got ${String(error)}`);
  assert.ok(codes.includes(error.code), `expected ${codes.join(" or ")}, got ${error.code} (${error.detail ?? ""})`);
  assert.ok(error.message.length > 0 && error.next.length > 0);
}

/** Runs `work` with a provider and a card on reader 0, and cleans up after it. */
async function withCard(
  environment: ConformanceEnvironment,
  behaviour: VirtualCardBehaviour,
  work: (parts: {
    provider: ReaderProvider;
    card: VirtualCard;
    connect: () => Promise<CardConnection>;
  }) => Promise<void>,
): Promise<void> {
  const provider = environment.createProvider();
  const reader = provider.reader(environment.readers[0]);
  await reader.waitForRemoval(WAIT);
  const card = await environment.insert(0, behaviour);
  try {
    await reader.waitForCard(WAIT);
    await work({ provider, card, connect: () => reader.connect() });
  } finally {
    await provider.close();
    await card.remove();
  }
}

/** Every behaviour that a user of the reader port may rely on, whatever the binding. */
export function readerConformance(): readonly ConformanceCase[] {
  return [...presenceCases, ...exchangeCases, ...lossCases, ...sharingCases, ...serviceCases];
}

const presenceCases: readonly ConformanceCase[] = [
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
    name: "tells an absent card, sees it come and go",
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
    name: "gives up waiting when it is told to",
    needs: null,
    run: async (environment) => {
      const provider = environment.createProvider();
      const giveUp = new AbortController();
      const reason = new Error("the till was closed");
      const waiting = provider.reader(environment.readers[0]).waitForCard({ ...WAIT, signal: giveUp.signal });
      giveUp.abort(reason);
      await assert.rejects(waiting, (error) => error === reason);
      await provider.close();
    },
  },
];

const exchangeCases: readonly ConformanceCase[] = [
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
        for (let i = 0; i < environment.connects; i++) {
          const connection = await connect();
          assert.equal(bytesToHex(await connection.transmit(SELECT)), "9000");
          await connection.disconnect();
        }
      }),
  },
];

const lossCases: readonly ConformanceCase[] = [
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
        await connection.reset({ timeoutMs: 10_000, ready: isReady });
        assert.ok(await isReady(connection.transmit));
      });
      await (back as VirtualCard | null)?.remove();
    },
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
        await connection.reset({ timeoutMs: 10_000, ready: isReady });
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
        await connection.reset({ timeoutMs: 10_000, ready: isReady });
        assert.ok(await isReady(connection.transmit));
      }),
  },
];

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

/** A service tells a moment later that somebody took the card. */
async function untilInUse(reader: Reader): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  while (!(await reader.status()).inUse) {
    assert.ok(performance.now() < deadline, "nobody seems to hold the card");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until so many commands have reached the card. */
async function untilCommands(card: VirtualCard, count: number): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  while ((await card.commands()).length < count)
    assert.ok(performance.now() < deadline, "the command did not reach the card");
}

/** Where there are no transactions, exclusive work is refused as long as somebody else is at the card. */
async function aloneWhenPossible(connection: CardConnection, work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  for (;;) {
    try {
      return await connection.exclusively(work);
    } catch (error) {
      if (!isReaderError(error, "READER_IN_USE") || performance.now() > deadline) throw error;
    }
  }
}

const sharingCases: readonly ConformanceCase[] = [
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
          assert.ok(await isReady(first.transmit));
          const tries = rival.begun;
          await first.transmit(ourCommand(0));
          await rival.until(() => rival.begun > tries || rival.begun > rival.outcomes.length);
          for (let i = 1; i < 20; i++) await first.transmit(ourCommand(i));
        });
        const finished = rival.outcomes.length;
        await rival.until(() => rival.outcomes.slice(finished + 1).includes("ok"));
        await rival.stop();
        const commands = await card.commands();
        const start = commands.indexOf(bytesToHex(ourCommand(0)));
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
        if (environment.tellsUse) await untilInUse(reader);
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
          await assert.rejects(
            first.exclusively(() => Promise.reject(new Error("no more paper"))),
            /no more paper/,
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
        await first.exclusively(async () => {
          await expectCode("READER_IN_USE", reader.connect({ share: "shared" }));
          assert.ok(await isReady(first.transmit));
        });
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
    name: "tells that another program reset the card",
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

const serviceCases: readonly ConformanceCase[] = [
  {
    name: "reports a service that ends during a command, and goes on when it is back",
    needs: "service",
    run: async (environment) => {
      const { service } = environment;
      assert.ok(service !== null);
      const provider = environment.createProvider();
      const reader = provider.reader(environment.readers[0]);
      await reader.waitForRemoval(WAIT);
      const card = await environment.insert(0, "mute");
      await reader.waitForCard(WAIT);
      const connection = await reader.connect();
      const outcome = expectCode(["NO_SERVICE", "TORN"], connection.transmit(COMMAND));
      await untilCommands(card, 1);
      await service.kill();
      await outcome;
      await card.remove();
      await service.start();
      const again = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      await connection.reset({ timeoutMs: 10_000, ready: isReady });
      assert.equal(bytesToHex(await connection.transmit(COMMAND)), "801000009000");
      await provider.close();
      await again.remove();
    },
  },
  {
    name: "survives the end and the return of the service",
    needs: "service",
    run: async (environment) => {
      const { service } = environment;
      assert.ok(service !== null);
      const provider = environment.createProvider();
      const reader = provider.reader(environment.readers[0]);
      await reader.waitForRemoval(WAIT);
      const card = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      const connection = await reader.connect();
      assert.ok(await isReady(connection.transmit));
      await service.kill();
      await expectCode("NO_SERVICE", connection.transmit(SELECT));
      await expectCode("NO_SERVICE", reader.status());
      await expectCode("NO_SERVICE", reader.connect());
      await expectCode("NO_SERVICE", provider.list());
      await card.remove();
      await service.start();
      const again = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      await connection.reset({ timeoutMs: 10_000, ready: isReady });
      assert.ok(await isReady(connection.transmit));
      await connection.disconnect();
      const fresh = await reader.connect();
      assert.ok(await isReady(fresh.transmit));
      await provider.close();
      await again.remove();
    },
  },
];
