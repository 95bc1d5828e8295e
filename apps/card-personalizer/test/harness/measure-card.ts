import type { PersonalizationHarness } from "./personalization-harness.ts";

/** What making one card cost. */
export interface CardCost {
  readonly apdus: number;
  /** Secure channels that were opened. */
  readonly channels: number;
  /** Milliseconds that the command line took, from its start to its end. */
  readonly wallMs: number;
  /** Milliseconds of the chip's model by cause: `base`, `transfer` and its operations. */
  readonly account: Readonly<Record<string, number>>;
}

/** What is made, and of what. */
export interface MadeCard {
  /** cardhost's arguments for the blank card. */
  readonly birth: readonly string[];
  readonly stock: Readonly<Record<string, unknown>>;
  readonly hasPin: boolean;
}

const INITIALIZE_UPDATE = "50";
const PAY = "10";
const GET_STATUS = "F2";
const SET_STATUS = "F0";

/** Makes one card that takes the time of a JCOP4, and counts what went over the line. */
export async function measureCard(harness: PersonalizationHarness, made: MadeCard): Promise<CardCost> {
  const issuer = await harness.issuer({ stock: made.stock, ...(made.hasPin ? { pinFolder: "letters" } : {}) });
  const card = harness.card(made.birth);
  const host = await card.insert(undefined, { latency: "jcop4" });
  try {
    const begun = performance.now();
    const { exitCode, text } = await issuer.personalize({ flags: ["--visits", "one"] });
    const wallMs = performance.now() - begun;
    if (exitCode !== 0) throw new Error(`the card was not made:\n${text}`);
    const seen: string[] = [];
    const account: Record<string, number> = {};
    // The last command is known: the payment, or of a card that is secured the look at its state.
    const isLast = (): boolean =>
      made.stock["secured"] === true ? seen.at(-1) === GET_STATUS && seen.at(-2) === SET_STATUS : seen.at(-1) === PAY;
    while (!isLast()) {
      const event = await host.nextEvent("latency");
      seen.push(String(event["instruction"]));
      for (const [cause, ms] of Object.entries(event["account"] as Readonly<Record<string, number>>))
        account[cause] = (account[cause] ?? 0) + ms;
    }
    const channels = seen.filter((instruction) => instruction === INITIALIZE_UPDATE).length;
    return { apdus: seen.length, channels, wallMs, account };
  } finally {
    await card.remove();
  }
}
