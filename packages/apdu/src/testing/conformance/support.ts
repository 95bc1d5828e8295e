import assert from "node:assert/strict";
import { bytesFromHex, bytesToHex } from "../../iso7816/bytes.ts";
import type { CardChannel } from "../../iso7816/card-channel.ts";
import { isReaderError, type ReaderErrorCode } from "../../reader/reader-error.ts";
import type { CardConnection, Reader, ReaderProvider } from "../../reader/reader.ts";
import type { VirtualCard, VirtualCardBehaviour } from "../virtual/virtual-card.ts";
import type { ConformanceEnvironment } from "./environment.ts";

/** A SELECT that every virtual card answers with 9000. */
export const SELECT = bytesFromHex("00A4040007F0000000000100");
/** A command that an echo sends back. */
export const COMMAND = bytesFromHex("80100000");
/** How long a case waits for what must come; a slow machine may need seconds for it. */
export const WAIT = { timeoutMs: 60_000 };
/** An echo's answer. */
export const answerOf = (command: Uint8Array) => Uint8Array.of(...command, 0x90, 0x00);
/** Whether the card is really there. */
export const isReady = async (transmit: CardChannel) => bytesToHex(await transmit(SELECT)) === "9000";

/** The work must fail with one of these codes, and say what to do. */
export async function expectCode(
  code: ReaderErrorCode | readonly ReaderErrorCode[],
  work: Promise<unknown>,
): Promise<void> {
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
export async function withCard(
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

/** A service reports a moment later that somebody took the card. */
export async function untilInUse(reader: Reader): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  while (!(await reader.status()).inUse) {
    assert.ok(performance.now() < deadline, "nobody seems to hold the card");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until every reader's name begins so, and answers the names: some services tell of other readers a little later. */
export async function untilNamed(
  provider: Pick<ReaderProvider, "list">,
  beginning: string,
): Promise<readonly string[]> {
  const deadline = performance.now() + WAIT.timeoutMs;
  for (;;) {
    const names = (await provider.list()).map(({ name }) => name);
    if (names.length > 0 && names.every((name) => name.startsWith(beginning))) return names;
    assert.ok(performance.now() < deadline, names.join());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until so many commands have reached the card. */
export async function untilCommands(card: VirtualCard, count: number): Promise<void> {
  const deadline = performance.now() + WAIT.timeoutMs;
  while ((await card.commands()).length < count)
    assert.ok(performance.now() < deadline, "the command did not reach the card");
}
