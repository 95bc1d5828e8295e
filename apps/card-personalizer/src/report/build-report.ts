import { formatTotal, formatAmount, type Asset } from "@tallystick/money";
import { decodeAllowanceBody, fromHex, toHex } from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import type { Journal, Run, StepData } from "../journal/journal.ts";
import type { OrderedCard } from "../order/check-order.ts";
import type { FundingAnswer, SettlementClient } from "../settlement/settlement-client.ts";
import { REPORT_SCHEMA, type CardLine, type HeadLine, type Outcome, type SumLine } from "@tallystick/program";

/** What a report is made of. */
export interface ReportGrounds {
  readonly journal: Journal;
  readonly settlement: Pick<SettlementClient, "funding">;
  readonly config: Pick<Config, "asset" | "domain" | "station" | "operator">;
  readonly order: { readonly name: string; readonly hash: Uint8Array };
  readonly nowSeconds: number;
}

/** The lines of a report before they are signed. */
export interface ReportLines {
  readonly head: HeadLine;
  readonly cards: readonly CardLine[];
  readonly sum: SumLine;
}

/** A card a line, as journal and settlement have it now. Throws Failure. */
export async function buildReport(cards: readonly OrderedCard[], grounds: ReportGrounds): Promise<ReportLines> {
  const { config, order, nowSeconds } = grounds;
  const { asset, domain, station = null, operator = null } = config;
  const lines: CardLine[] = [];
  let deposited = 0n;
  for (const card of cards) {
    const { line, units } = await lineOf(card, grounds);
    lines.push(line);
    deposited += units;
  }
  return {
    head: {
      ...{ schema: REPORT_SCHEMA, line: "head", order: order.name, orderHash: toHex(order.hash) },
      domain: { chainId: String(domain.chainId), vault: toHex(domain.vault) },
      asset: { code: asset.code, decimals: asset.decimals, scale: String(asset.scale) },
      ...{ station, operator, madeAt: nowSeconds },
    },
    cards: lines,
    sum: {
      ...{ line: "sum", cards: lines.length, ready: lines.filter(({ outcome }) => outcome === "ready").length },
      deposited: formatTotal(deposited, asset),
    },
  };
}

async function lineOf(
  ordered: OrderedCard,
  { journal, settlement, config: { asset } }: ReportGrounds,
): Promise<{ readonly line: CardLine; readonly units: bigint }> {
  const { reference, label, owner, fund, elsewhere } = ordered;
  const run = journal.run(reference);
  const dataOf = (name: string): StepData => journal.step(reference, name)?.data ?? {};
  const facts: StepData = run?.made.facts ?? {};
  const funding = dataOf("fund")["funding"];
  const asked = typeof funding === "string" ? await settlement.funding(funding) : null;
  const units = depositOf(ordered, run, asked, journal);
  const line: CardLine = {
    ...{ line: "card", reference, label, outcome: outcomeOf(ordered, run, journal), failure: textOf(facts["failure"]) },
    ...{ card: textOf(dataOf("generate-key")["card"]) ?? elsewhere, owner: toHex(owner) },
    cplc: textOf(facts["cplc"]),
    applet: { version: textOf(facts["applet"]), hash: textOf(dataOf("load")["sha256"]) },
    limits: limitsOf(textOf(dataOf("allowance")["body"]), asset),
    keys: {
      ...{ master: textOf(dataOf("replace-keys")["keys"]), card: textOf(dataOf("replace-keys")["own"]) },
      issuerKeyId: numberOf(dataOf("issuer-key")["issuerKeyId"]),
    },
    seen: seenOf(dataOf("final-tap")["seen"]),
    ...{ operator: run?.made.operator ?? null, station: run?.made.station ?? null },
    seconds: numberOf(facts["seconds"]),
    ...{ fund: formatAmount(fund, asset), deposited: formatTotal(units, asset), funding: textOf(funding) },
    tx: textOf(asked?.tx),
  };
  return { line, units };
}

function outcomeOf({ reference, elsewhere }: OrderedCard, run: Run | null, journal: Journal): Outcome {
  if (elsewhere !== null) return "elsewhere";
  if (run === null || run.cardName === null) return "not-begun";
  if (run.done) return "ready";
  return journal.step(reference, "upload")?.state === "done" ? "made" : "begun";
}

/** Units that left the treasury for this card, finally. */
function depositOf(
  { fund, reference }: OrderedCard,
  run: Run | null,
  asked: FundingAnswer | null,
  journal: Journal,
): bigint {
  const isFinal = run?.done === true || journal.step(reference, "final")?.state === "done" || asked?.state === "final";
  if (!isFinal) return 0n;
  return run === null ? fund : BigInt(run.particulars.fund);
}

function limitsOf(body: string | null, asset: Asset): CardLine["limits"] {
  if (body === null) return null;
  const allowed = decodeAllowanceBody(fromHex(body));
  const units = (amount: bigint): string => formatTotal(amount, asset);
  const { noPinCount, notBefore, notAfter, flags } = allowed;
  return {
    ...{ maxSpent: units(allowed.maxSpent), softSpent: units(allowed.softSpent), perTap: units(allowed.perTap) },
    ...{ pinAbove: units(allowed.pinAbove), noPinSum: units(allowed.noPinSum), noPinCount, notBefore, notAfter },
    ...{ categories: allowed.categories.toString(), flags },
  };
}

function seenOf(value: unknown): CardLine["seen"] {
  return value === "signing" || value === "configuration" ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
