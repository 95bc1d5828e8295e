import type { TestCard } from "./test-card.ts";
import { TestTill } from "./test-terminal.ts";

/** The price of most payments in the tests: 2.50. */
export const PRICE = 2_500_000n;

/** Tills of one test file, removed after each test. */
export class TillSuite {
  private readonly tills: TestTill[] = [];

  async till(...options: Parameters<typeof TestTill.make>): Promise<TestTill> {
    const till = await TestTill.make(...options);
    this.tills.push(till);
    return till;
  }

  /** A till with a card on its reader. */
  async withCard(
    ...options: Parameters<typeof TestTill.make>
  ): Promise<{ readonly till: TestTill; readonly card: TestCard }> {
    const till = await this.till(...options);
    const card = await till.card();
    till.reader.card = card;
    return { till, card };
  }

  removeAll(): void {
    for (const till of this.tills.splice(0)) till.remove();
  }
}

/** The code of the error that a call is rejected with. */
export async function codeOfRejection(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return "nothing thrown";
}
