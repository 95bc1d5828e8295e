import { type DemoReport, short, table } from "./report.ts";

/** What happened and where the money is, for a person. */
export function closingTables(report: DemoReport): string {
  const { money } = report;
  const taps = table([
    ["tap", "merchant", "card", "counter", "amount", "outcome", "code", "SW"],
    ...report.taps.map((tap) => [
      tap.step,
      tap.merchant,
      short(tap.card),
      String(tap.counter ?? "–"),
      tap.amount,
      tap.outcome,
      tap.code ?? "",
      tap.sw ?? "",
    ]),
  ]);
  const uploads = table([
    ["upload of", "new", "duplicate", "forked", "refused"],
    ...report.uploads.map((row) => [
      `merchant ${row.merchant}`,
      ...[row.new, row.duplicate, row.forked, row.refused].map(String),
    ]),
  ]);
  const forks = table([
    ["copied card", "counter", "paid by the vault", "paid by the issuer"],
    ...report.forks.map((fork) => [
      short(fork.card),
      String(fork.counter),
      short(fork.paid),
      fork.vouchers
        .filter((id) => id !== fork.paid)
        .map(short)
        .join(" "),
    ]),
  ]);
  const { refund, claim } = report;
  const alone = table([
    ["on the chain by the merchant itself", "merchant", "card", "amount", "voucher", "transaction"],
    [
      "refund of a final payment",
      refund.merchant,
      short(refund.card),
      refund.amount,
      short(refund.voucherId),
      short(refund.tx),
    ],
    [
      "claim without settlement",
      claim.merchant,
      short(claim.card),
      claim.amount,
      short(claim.voucherId),
      short(claim.tx),
    ],
  ]);
  const books = table([
    ["every cent", "amount"],
    ["minted", money.minted],
    ["= in wallets", money.wallets],
    ["+ in the guarantee's account", money.guarantee],
    ["+ on cards", money.cards],
    ["+ owed to merchants", money.owed],
    ["+ paid out", money.paidOut],
    ["accepted, not yet paid", money.acceptedUnpaid],
    ["chain minus ledger", money.ledgerDifference],
  ]);
  const verdict = report.ok ? "Everything is accounted for." : "Something does not match; see above.";
  return [taps, uploads, forks, alone, travelled(report), books, `${verdict} (${report.seconds} s)`].join("\n\n");
}

/** What a card took at a tap, of what was put behind it after it left its issuer. */
function travelled({ topUp }: DemoReport): string {
  return table([
    ["an allowance that travelled", "merchant", "card", "added", "spent", "voucher", "commands"],
    [
      "top-up and refund",
      ...[topUp.merchant, short(topUp.card), topUp.added, topUp.amount, short(topUp.voucherId), String(topUp.apdus)],
    ],
  ]);
}
