import { formatTotal, MoneyError, parseAmount } from "@tallystick/money";
import { ProgramError } from "@tallystick/program";
import { equalBytes, fromHex, type Signer, toHex } from "@tallystick/protocol";
import type { ListedVoucher } from "@tallystick/protocol/wire";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import { openJournal } from "../../journal/open-journal.ts";
import { keepingWithdrawals } from "../../sync/requests/certificate-withdrawal.ts";
import { type RequestPort, TerminalRequests } from "../../sync/requests/terminal-requests.ts";
import { SettlementError } from "../../sync/settlement-client.ts";
import { ID_BYTES, MAX_LISTED_PAGES } from "./limits.ts";

/** What `take-over` prints: a line for each other terminal, currency and state. */
export interface TakeOverLine {
  readonly schema: "tallystick.take-over/1";
  readonly payee: string;
  /** Another terminal of this payee. */
  readonly terminalId: string;
  readonly currency: string;
  /** Where settlement has these payments. */
  readonly state: string;
  readonly count: number;
  readonly amount: string;
}

export interface TakeOver {
  readonly signer: Signer;
  /** Seconds. */
  readonly now: number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly portOf: (served: ServedDomain) => RequestPort | null;
}

/**
 * Fetches what the payee's other terminals sold and keeps it beside the terminal's own payments, to be shown (spec
 * §6.15); the same command again brings their states up to date. Throws JournalError, ProgramError.
 */
export async function runTakeOver(
  config: GatewayConfig,
  { signer, now, randomBytes, portOf }: TakeOver,
  report: (line: TakeOverLine) => void,
): Promise<void> {
  const journal = openJournal(config, { terminalKey: signer.publicKey, now });
  try {
    const clock = { now: () => now, of: () => ({ rightTime: () => now }) };
    const certificateOf = ({ certificate }: ServedDomain) => certificate;
    const onWithdrawn = keepingWithdrawals({
      journal,
      clock,
      report: (line) => void process.stderr.write(`${line}\n`),
    });
    const requests = new TerminalRequests({
      ...{ config, signer, clock, randomBytes, portOf, certificateOf, onWithdrawn },
    });
    const asked = config.domains.filter((served) => requests.canAsk(served));
    if (asked.length === 0) {
      const next = "Enroll the terminal first, and name its settlement.";
      throw new ProgramError("CERTIFICATE_MISSING", "No currency has a certificate and a settlement.", {
        ...{ exit: "usage", next },
      });
    }
    for (const served of asked) await fetchAll(journal, requests, { served, config, now });
    for (const line of linesOf(journal, config)) report(line);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    const next =
      "Run the same command again: what came is kept. Where the time is meant, set the clock of this device.";
    throw new ProgramError(error.reason, error.message, { exit: "network", next });
  } finally {
    journal.close();
  }
}

async function fetchAll(
  journal: Journal,
  requests: TerminalRequests,
  { served, config, now }: { readonly served: ServedDomain; readonly config: GatewayConfig; readonly now: number },
): Promise<void> {
  let after: Uint8Array = new Uint8Array(ID_BYTES);
  for (let page = 0; page < MAX_LISTED_PAGES; page += 1) {
    const { vouchers, next } = await requests.listed(served, after);
    const others = vouchers.filter(({ terminalId }) => !equalBytes(fromHex(terminalId), config.terminalId));
    journal.write(() => {
      for (const voucher of others) journal.otherVouchers.keep(otherOf(voucher, served), now);
    });
    if (next === null) return;
    const place = fromHex(next, ID_BYTES);
    // A list that does not go on would be asked for without an end.
    if (Buffer.compare(place, after) <= 0)
      throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement's list of vouchers does not go on.");
    after = place;
  }
}

function unitsOf(amount: string, { asset }: ServedDomain): bigint {
  try {
    const units = parseAmount(amount, asset);
    if (units > 0n) return units;
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
  }
  throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement listed an amount that is none.");
}

function otherOf(voucher: ListedVoucher, served: ServedDomain) {
  const { domainBytes } = served;
  const { voucherId, terminalId, card, counter, amount, time, receivedAt, state, code, tx } = voucher;
  return {
    ...{ voucherId: fromHex(voucherId), domainBytes, terminalId: fromHex(terminalId), card, counter },
    ...{ amount: unitsOf(amount, served), soldAt: time, receivedAt, state, code, tx },
  };
}

function linesOf({ otherVouchers }: Pick<Journal, "otherVouchers">, config: GatewayConfig): readonly TakeOverLine[] {
  return otherVouchers.totals().flatMap(({ domainBytes, terminalId, state, count, sum }) => {
    const served = config.domains.find((each) => equalBytes(each.domainBytes, domainBytes));
    if (served === undefined) return [];
    return [
      {
        ...{ schema: "tallystick.take-over/1" as const, payee: toHex(config.payee), terminalId: toHex(terminalId) },
        ...{ currency: served.asset.code, state, count, amount: formatTotal(sum, served.asset) },
      },
    ];
  });
}
