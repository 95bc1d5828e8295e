import { formatTotal, type Asset } from "@tallystick/money";
import { STANDING_FIELDS, type LineKind, type Standing } from "../statements/statement-effects.ts";
import type {
  Statement,
  StatementDay,
  StatementHead,
  StatementLine,
  StatementPart,
  VoucherEnd,
} from "../statements/statement-form.ts";
import { COLUMNS, PAGE, TEXT } from "./limits.ts";
import { StatementPage } from "./statement-page.ts";
import { StatementSums, type KindSum } from "./statement-sums.ts";

const [left] = COLUMNS.text;

/** What each kind of line is, for people. */
const KIND_TEXTS: Readonly<Record<Exclude<LineKind, "freed">, string>> = {
  accepted: "vouchers that were taken: what was sold",
  paid: "vouchers that the vault paid",
  "owed-by-issuer": "vouchers that the issuer owes",
  "owed-by-issuer-ended": "vouchers that it does not owe any more",
  compensated: "vouchers that the issuer paid",
  payout: "what the vault paid out",
  refund: "what was given back to cards",
  other: "corrections",
};

/** What became of vouchers that are not held any more and that the vault did not pay from a hold. */
const END_TEXTS: Readonly<Record<VoucherEnd, string>> = {
  reversed: "reversed: nothing was given for them, nobody pays",
  released: "given up on the chain by the merchant: nobody pays",
  compensated: "not paid by the vault: the issuer paid, as compensated",
  paid: "paid by the vault, by a line paid of its own",
  disputed: "disputed: not promised, nobody pays",
};

const OPEN_TEXT = "not paid, and not at their end when this was made";

function kindText({ kind, became, code }: KindSum): string {
  if (kind !== "freed") return KIND_TEXTS[kind];
  const text = became === null ? OPEN_TEXT : END_TEXTS[became];
  return code === null ? text : `${text} (${code})`;
}

/**
 * The statement for people: balances, each payout with the vouchers that it consists of, what was
 * given back and what the issuer bore, the sums of the days, and the root. It is written page by
 * page as it is read. Every line, with its proof, stands in the JSON document.
 */
export async function* statementPdf({ head, pieces }: Statement, asset: Asset): AsyncGenerator<Uint8Array> {
  const writer = new StatementPdf(head, asset);
  writer.open();
  yield* writer.page.written();
  const days: StatementDay[] = [];
  for await (const piece of pieces) {
    if (piece.piece === "line") writer.line(piece.line);
    else if (piece.piece === "part") writer.part(piece.part);
    else if (piece.piece === "day") days.push(piece.day);
    else writer.close(days, { lines: piece.end.lines, closing: piece.end.closing });
    yield* writer.page.written();
  }
  yield* writer.page.end();
}

class StatementPdf {
  readonly page: StatementPage;
  readonly #head: StatementHead;
  readonly #asset: Asset;
  readonly #sums = new StatementSums();
  #column = 0;
  #listed = 0;

  constructor(head: StatementHead, asset: Asset) {
    this.#head = head;
    this.#asset = asset;
    const title = `Statement ${head.payee} ${head.from} ${head.to}`;
    const above = (page: StatementPage): void => {
      page.write(title, { x: left, size: TEXT.small });
      page.write(String(page.page), { x: PAGE.width - PAGE.margin, size: TEXT.small, right: true });
      page.down(2);
    };
    this.page = new StatementPage({ title, at: new Date(head.madeAt), above });
  }

  open(): void {
    const { page } = this;
    const { name, payee, from, to, madeAt, complete, opening } = this.#head;
    page.write("Statement", { x: left, font: "bold", size: TEXT.title });
    page.down(2);
    if (name !== null) {
      page.writeName(name, { x: left, font: "bold", size: TEXT.title });
      page.down(2);
    }
    page.write(payee, { x: left, font: "fixed" });
    page.down();
    const state = complete ? "" : ", not complete: the period is not over";
    page.write(`${from} to ${to} (UTC), ${this.#asset.code}, made ${madeAt}${state}`, { x: left });
    page.down(2);
    this.balances("Opening balances", opening);
    page.down();
    page.write("Payouts, refunds, and what the issuer paid", { x: left, font: "bold" });
    page.down();
  }

  line(line: StatementLine): void {
    const { kind, at, amount, tx, voucher, operation } = line;
    this.#sums.add(line);
    this.#endParts();
    if (kind !== "payout" && kind !== "refund" && kind !== "compensated" && kind !== "other") return;
    const { page } = this;
    this.#listed += 1;
    page.write(at.slice(0, "2026-11-29T09:00".length).replace("T", " "), { x: left, size: TEXT.small });
    page.write(`${kind} ${short(tx ?? operation)}`, { x: COLUMNS.text[1] + 10 });
    if (voucher !== null) page.write(`voucher ${short(voucher)}`, { x: COLUMNS.text[2] });
    page.write(this.#text(amount), { x: PAGE.width - PAGE.margin, right: true, font: "bold" });
    page.down();
  }

  /** Three in a row. */
  part({ voucher, of, amount }: StatementPart): void {
    const { page } = this;
    const x = COLUMNS.parts[this.#column] ?? COLUMNS.parts[0];
    page.write(short(voucher ?? of), { x, font: "fixed", size: TEXT.small });
    page.write(this.#text(amount), { x: x + 150, size: TEXT.small, right: true });
    this.#column += 1;
    if (this.#column === COLUMNS.parts.length) this.#endParts();
  }

  close(
    days: readonly StatementDay[],
    { lines, closing }: { readonly lines: number; readonly closing: Standing },
  ): void {
    const { page } = this;
    const { log, anchor } = this.#head;
    this.#endParts();
    if (this.#listed === 0) {
      page.write("none", { x: left });
      page.down();
    }
    page.down();
    this.#kinds();
    this.#headings("Changes by day");
    for (const { day, lines: count, change } of days) this.#figures(`${day}, ${countText(count)}`, change);
    page.down();
    this.balances("Closing balances", closing);
    page.down();
    page.write(`${countText(lines)}, all in the log of the books with ${log.size} entries and the root`, { x: left });
    page.down();
    page.write(log.root, { x: left, font: "fixed" });
    page.down();
    if (anchor === null) {
      page.write("No root of it is on the chain yet.", { x: left });
      page.down();
    } else {
      page.write(`which begins with the ${anchor.size} entries whose root is on the chain:`, { x: left });
      page.down();
      page.write(anchor.root, { x: left, font: "fixed" });
      page.down();
      page.write(`transaction ${anchor.tx}`, { x: left, font: "fixed" });
      page.down();
      if (!this.#sums.isAnchored(anchor)) {
        page.write("The newest lines are not under that root yet: they will be with one of the next batches.", {
          x: left,
        });
        page.down();
      }
    }
    page.write("Proofs of every line: the same statement as JSON, by tallystick-settlement verify statement.", {
      x: left,
    });
  }

  /** What was sold, paid, given back and paid out in all, before one is taken from the other. */
  #kinds(): void {
    const { page } = this;
    page.write("Sums of the period", { x: left, font: "bold" });
    page.down();
    for (const sum of this.#sums.kinds) {
      const { kind, lines, amount } = sum;
      page.write(kind, { x: left });
      page.write(kindText(sum), { x: COLUMNS.kind });
      page.write(countText(lines), { x: COLUMNS.lines, right: true });
      page.write(this.#text(amount), { x: COLUMNS.figures[4], right: true });
      page.down();
    }
    if (this.#sums.gasWei > 0n) {
      page.write("gas", { x: left });
      page.write(`${this.#sums.gasWei} wei, which the issuer bears`, { x: COLUMNS.kind });
      page.down();
    }
    page.down();
  }

  balances(title: string, standing: Standing): void {
    this.#headings(title);
    this.#figures("", standing);
  }

  #headings(title: string): void {
    const { page } = this;
    page.write(title, { x: left, font: "bold" });
    for (const [place, name] of ["accepted", "in the vault", "paid out", "issuer owes"].entries())
      page.write(name, { x: COLUMNS.figures[place] ?? 0, right: true, size: TEXT.small });
    page.down();
  }

  #figures(label: string, standing: Standing): void {
    const { page } = this;
    page.write(label, { x: left });
    for (const [place, field] of STANDING_FIELDS.entries())
      page.write(this.#text(standing[field]), { x: COLUMNS.figures[place] ?? 0, right: true });
    page.down();
  }

  #endParts(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.page.down();
  }

  #text(units: bigint): string {
    return formatTotal(units, this.#asset);
  }
}

function countText(lines: number): string {
  return lines === 1 ? "1 line" : `${lines} lines`;
}

/** The ends of a hash. */
function short(text: string): string {
  return /^0x[0-9a-f]{64}$/.test(text)
    ? `${text.slice(0, "0x12345678".length)}…${text.slice(-"12345678".length)}`
    : text;
}
