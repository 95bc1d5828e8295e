import { join } from "node:path";
import { NO_COUNT_LIMIT, toChecksumAddress, toHex } from "@tallystick/protocol";
import type { Answers } from "../answers/load-answers.ts";
import { rogueSentences } from "../rogue-reader.ts";
import type { Installation } from "./configurations.ts";
import type { ProgrammeKeys } from "./programme-keys.ts";
import { writeDurably } from "./programme-state.ts";

/** Where the record stands in the programme's folder. */
export const RECORD_FILE = "programme.md";

/** What a record says beside what was answered. */
export interface RecordFacts {
  readonly installation: Installation;
  readonly keys: Pick<ProgrammeKeys, "checkValues" | "issuerKey">;
  readonly token: { readonly decimals: number; readonly pausable: boolean; readonly blocks: boolean };
  readonly delaySeconds: number;
  /** The transaction that deployed the vault; null where it stood before. */
  readonly deployedBy: string | null;
  readonly virtualCard: { readonly card: string; readonly voucherId: string };
  readonly nowMs: number;
}

/** Writes the one page that says what a programme is made of. It holds no secret. Answers its path. */
export function writeRecord(answers: Answers, facts: RecordFacts): string {
  const path = join(answers.folder, RECORD_FILE);
  writeDurably(path, `${recordLines(answers, facts).join("\n")}\n`);
  return path;
}

/** The record's lines. */
export function recordLines(answers: Answers, facts: RecordFacts): readonly string[] {
  const { asset, limits, guarantee, fund, noPinResetDays } = answers;
  const { installation, keys, token, delaySeconds, deployedBy, virtualCard, nowMs } = facts;
  const money = (amount: string): string => `${amount} ${asset.code}`;
  const stoppable = [token.pausable ? "be stopped for all" : [], token.blocks ? "shut accounts out" : []].flat();
  return [
    `# ${answers.name}`,
    "",
    `Made on ${new Date(nowMs).toISOString().slice(0, 16).replace("T", " ")} UTC, for ${answers.mode}.`,
    "",
    "| what | value |",
    "|---|---|",
    `| chain | ${answers.chainId} |`,
    `| vault | ${toChecksumAddress(installation.vault)}, from block ${installation.startBlock}${
      deployedBy === null ? "" : `, deployed by ${deployedBy}`
    } |`,
    `| owners wait | ${delaySeconds} s for what they ask back |`,
    `| token | ${toChecksumAddress(installation.token)}, ${token.decimals} decimals${
      stoppable.length === 0 ? "" : `; it can ${stoppable.join(" and ")}`
    } |`,
    `| issuer key | ${keys.issuerKey.id}, ${keys.issuerKey.publicKey} |`,
    ...Object.entries(keys.checkValues).map(([role, value]) => `| key ${role} | ${value} |`),
    `| a card gets | ${money(fund)} |`,
    `| one payment | at most ${money(limits.perTap)}, with the PIN above ${money(limits.pinAbove)} |`,
    `| without PIN | at most ${money(limits.noPinSum)}, ${
      limits.noPinCount === NO_COUNT_LIMIT ? "however many payments" : `${limits.noPinCount} payments in a row`
    }${noPinResetDays === undefined ? "" : `, anew after ${noPinResetDays} days`} |`,
    `| the issuer bears | ${
      guarantee.bears
        ? `copied cards: ${money(guarantee.perCard)} a card, ${money(guarantee.perPayeePerDay)} a payee and day`
        : "nothing"
    } |`,
    `| first terminal | ${installation.terminalId} of ${toHex(answers.terminal.payee)} |`,
    `| virtual card | ${virtualCard.card} paid one unit: voucher ${virtualCard.voucherId} |`,
    "",
    "## What a rogue reader could take",
    "",
    ...rogueSentences(answers, asset),
    "",
    "## What to do next",
    "",
    "1. Back the folder `keys` and the files `*.sqlite` up; in production the keys stand elsewhere.",
    "2. Keep settlement running (`tallystick-settlement --config settlement.json`) and start the terminal",
    "   (`tallystick-gateway --config gateway.json`).",
    "3. Make the first real card: `tallystick-issuer personalize --config issuer.json --reference C-0001`.",
    "4. `tallystick-issuer programme show` says later how the programme stands.",
  ];
}
