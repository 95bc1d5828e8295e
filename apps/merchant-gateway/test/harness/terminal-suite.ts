import type { TestCard } from "./test-card.ts";
import { TestTerminal } from "./test-terminal.ts";

/** The price of most payments in the tests: 2.50. */
export const PRICE = 2_500_000n;

/** Terminals of one test file, removed after each test. */
export class TerminalSuite {
  private readonly terminals: TestTerminal[] = [];

  async terminal(...options: Parameters<typeof TestTerminal.make>): Promise<TestTerminal> {
    const terminal = await TestTerminal.make(...options);
    this.terminals.push(terminal);
    return terminal;
  }

  /** A terminal with a card on its reader. */
  async withCard(
    ...options: Parameters<typeof TestTerminal.make>
  ): Promise<{ readonly terminal: TestTerminal; readonly card: TestCard }> {
    const terminal = await this.terminal(...options);
    const card = await terminal.card();
    terminal.reader.card = card;
    return { terminal, card };
  }

  removeAll(): void {
    for (const terminal of this.terminals.splice(0)) terminal.remove();
  }
}
