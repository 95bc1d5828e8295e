import { updateAllowance } from "@tallystick/card";
import { formatAmount } from "@tallystick/money";
import { EXIT, type ExitCode } from "@tallystick/program";
import {
  addressOfKey,
  type AllowanceBody,
  decodeAllowanceBody,
  fromHex,
  type SelectAnswer,
  toHex,
  verifyAllowance,
} from "@tallystick/protocol";
import type { CardVisit } from "../../card/card-visit.ts";
import { expectOk } from "../../card/expect.ts";
import { loadConfig, type Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import { visitOpenly } from "../../card/visit-openly.ts";
import { createSettlementClient, type SettlementClient } from "../../settlement/settlement-client.ts";
import { reportFailure, type ProgramIo } from "../program-io.ts";

export interface UpdateFlags {
  readonly config: string;
  readonly reader?: string;
  readonly json: boolean;
}

/** What the card on the reader had, and has now. */
interface Updated {
  readonly card: string;
  readonly before: AllowanceBody;
  readonly after: AllowanceBody;
}

/** States of the list whose cards get nothing more (spec §5.10). */
const ENDED: readonly string[] = ["revoked", "lost"];

/**
 * `cards update`: gives the card on the reader its newest allowance, as any terminal would (spec
 * §5.10). No key is used, and a card that has the newest one is left as it is. Answers the exit code.
 */
export async function runUpdate({ config: file, reader, json }: UpdateFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const config = loadConfig(file, reader === undefined ? {} : { reader });
    const { settlement, token, asset } = config;
    const client = createSettlementClient({ url: settlement.url, token, signal: io.signal });
    const { card, before, after } = await visitOpenly(config, io.signal, (visit) => update(visit, config, client));
    const amounts = {
      added: formatAmount(after.maxSpent > before.maxSpent ? after.maxSpent - before.maxSpent : 0n, asset),
      perTap: formatAmount(after.perTap, asset),
    };
    const line = { schema: "tallystick.cards/1", event: "updated", card, from: before.seq, to: after.seq, ...amounts };
    const what =
      before.seq === after.seq
        ? `has its newest allowance, number ${after.seq}`
        : `has allowance ${after.seq} now: ${amounts.added} ${asset.code} added, at most ${amounts.perTap} a payment`;
    io.writeLine(json ? JSON.stringify(line) : `${card} ${what}.`);
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

async function update(visit: CardVisit, config: Config, settlement: SettlementClient): Promise<Updated> {
  const { domain, issuerKeys } = config;
  const shown = await shownBy(visit);
  const card = toHex(addressOfKey(shown.cardKey));
  const { status } = await settlement.card(card);
  if (ENDED.includes(String(status))) throw new Failure("SETTLEMENT_REFUSED", `The card is ${String(status)}.`);
  const before = shown.allowanceBody;
  const signed = await settlement.latestAllowance(card);
  if (signed === null) return { card, before, after: before };
  const [body, signature] = [decodeAllowanceBody(fromHex(signed.body)), fromHex(signed.signature)];
  if (body.seq <= before.seq) return { card, before, after: before };
  const verdict = verifyAllowance({ domain, cardKey: shown.cardKey, body, signature }, issuerKeys);
  if (!verdict.ok) throw new Failure("ISSUER_KEY_MISMATCH", `The allowance: ${verdict.reason}.`);
  expectOk("UPDATE ALLOWANCE", await updateAllowance(visit.channel, { body: fromHex(signed.body), signature }));
  const after = (await shownBy(visit)).allowanceBody;
  if (after.seq !== body.seq) throw new Failure("CARD_CONTRADICTS", "Look at: allowance seq.");
  return { card, before, after };
}

async function shownBy(visit: CardVisit): Promise<SelectAnswer> {
  const selected = await visit.selectApplet();
  if (selected === null || selected.kind === "blank")
    throw new Failure("USAGE", "It is no finished card; `personalize` makes one of it.");
  return selected.answer;
}
