import { REPORT_SCHEMA } from "@tallystick/program";
import { digestOf, encodeOrderReport, toHex, type Domain } from "@tallystick/protocol";
import type { TestTerminal } from "../test-terminal.ts";

/** A card of a report: its deposit is final where one is named. */
interface ReportedCard {
  readonly card: string | null;
  readonly funding: string | null;
  readonly deposited: string;
  readonly label?: string;
}

/** A station's report of an order of these cards, signed by its terminal. */
export async function orderReport(
  terminal: TestTerminal,
  cards: readonly ReportedCard[],
  {
    domain = terminal.domain,
    sum = cards.length,
    order = "order.csv",
    station = "station 2",
  }: {
    readonly domain?: Domain;
    readonly sum?: number;
    readonly order?: string;
    readonly station?: string | null;
  } = {},
): Promise<string> {
  const units = cards.reduce((total, { deposited }) => total + Number(deposited), 0);
  const nothing = { maxSpent: "0.00", softSpent: "0.00", perTap: "0.00", pinAbove: "0.00", noPinSum: "0.00" };
  const head = {
    ...{ schema: REPORT_SCHEMA, line: "head" },
    domain: { chainId: String(domain.chainId), vault: toHex(domain.vault) },
    asset: { code: "USDC", decimals: 6, scale: "1" },
    ...{ order, orderHash: `0x${"0d".repeat(32)}`, station, operator: "otto" },
    madeAt: Math.floor(Date.now() / 1_000),
  };
  const lines = cards.map(({ card, funding, deposited, label = null }, index) => ({
    ...{ line: "card", reference: `C-${index + 1}`, label, outcome: funding === null ? "begun" : "ready" },
    ...{ failure: null, card, owner: null, cplc: null, applet: { version: null, hash: null } },
    limits: { ...nothing, noPinCount: 0, notBefore: 0, notAfter: 1, categories: "0", flags: 0 },
    ...{ keys: { master: null, card: null, issuerKeyId: 1 }, seen: "configuration", operator: "otto" },
    ...{ station: "station 2", seconds: 21, fund: deposited, deposited, funding, tx: null },
  }));
  const ready = cards.filter(({ funding }) => funding !== null).length;
  const total = { line: "sum", cards: sum, ready, deposited: units.toFixed(2) };
  const body = [head, ...lines, total].map((line) => `${JSON.stringify(line)}\n`).join("");
  const reportHash = digestOf(new TextEncoder().encode(body));
  const { certificate, signature: certificateSignature } = terminal.certificate;
  const signature = toHex(await terminal.signer.sign(digestOf(encodeOrderReport({ domain, reportHash }))));
  return `${body}${JSON.stringify({ line: "signature", certificate, certificateSignature, signature })}\n`;
}
