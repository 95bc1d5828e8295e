import { formatTotal, type Asset } from "@tallystick/money";
import { csvLine, harmlessText } from "@tallystick/program";
import type { Standing } from "./statement-effects.ts";
import type { Statement, StatementHead, StatementLine, StatementPiece } from "./statement-form.ts";

/** The columns, in their order. They never change; a new one is added behind them. */
export const STATEMENT_COLUMNS = [
  ...(["type", "day", "at", "kind", "operation", "voucher", "card", "counter", "terminal", "sold_at"] as const),
  ...(["tx", "batch", "currency", "amount", "accepted", "owed", "paid_out", "issuer_owes"] as const),
  ...(["balance_accepted", "balance_owed", "balance_paid_out", "balance_issuer_owes"] as const),
  ...(["part_of", "gas_wei", "log_index", "became", "code"] as const),
] as const;

type Cells = Partial<Record<(typeof STATEMENT_COLUMNS)[number], string | null>>;

/**
 * The statement as CSV (RFC 4180): a row for the opening balances, one for each operation, one
 * behind it for each part of a payout, one for each day, one for the closing balances, and last the
 * log's root and the anchored one. The closing row says in `kind` whether the period is complete, the
 * root's row whether every line stands under the anchored one (the log's own root is seldom on the chain itself). The columns `accepted` to `issuer_owes` are what a row changes;
 * of opening, day and closing they are empty, or the day's change.
 */
export async function* statementCsv({ head, pieces }: Statement, asset: Asset): AsyncGenerator<string> {
  const row = (cells: Cells): string =>
    csvLine(STATEMENT_COLUMNS.map((column) => harmlessCell(column === "currency" ? asset.code : cells[column])));
  yield csvLine([...STATEMENT_COLUMNS]);
  yield row({ type: "opening", day: head.from, ...balanceCells(head.opening, asset) });
  let line: StatementLine | null = null;
  for await (const piece of pieces) {
    if (piece.piece === "line") ({ line } = piece);
    for (const cells of cellsOf(piece, { asset, head, line })) yield row(cells);
  }
}

function cellsOf(
  piece: StatementPiece,
  { asset, head, line }: { readonly asset: Asset; readonly head: StatementHead; readonly line: StatementLine | null },
): readonly Cells[] {
  switch (piece.piece) {
    case "line": {
      const { amount, effect, balance, counter, index, soldAt, gasWei, operation, ...about } = piece.line;
      const { day, at, kind, voucher, card, terminal, tx, batch, became = null, code = null } = about;
      return [
        {
          ...{ type: "line", day, at, kind, operation, voucher, card, terminal, tx, batch, sold_at: soldAt },
          ...{ counter: counter === null ? null : String(counter), amount: formatTotal(amount, asset) },
          ...{ ...changeCells(effect, asset), ...balanceCells(balance, asset) },
          ...{ gas_wei: gasWei === null ? null : gasWei.toString(), log_index: String(index), became, code },
        },
      ];
    }
    case "part": {
      const { of, voucher, amount } = piece.part;
      const at = line === null ? {} : { day: line.day, at: line.at, tx: line.tx, part_of: line.operation };
      return [{ type: "part", ...at, operation: of, voucher, amount: formatTotal(amount, asset) }];
    }
    case "day": {
      const { day, lines, change, balance } = piece.day;
      return [
        { type: "day", day, counter: String(lines), ...changeCells(change, asset), ...balanceCells(balance, asset) },
      ];
    }
    case "end": {
      const { lines, closing } = piece.end;
      const { log, anchor } = head;
      const isAnchored = anchor !== null && (line === null || line.index < anchor.size);
      return [
        {
          type: "closing",
          day: head.to,
          kind: head.complete ? "complete" : "not-complete",
          counter: String(lines),
          ...balanceCells(closing, asset),
        },
        {
          type: "root",
          at: head.madeAt,
          kind: isAnchored ? "lines-anchored" : "lines-not-anchored",
          operation: log.root,
          log_index: String(log.size),
        },
        ...(anchor === null
          ? []
          : [
              {
                ...{ type: "anchor", operation: anchor.root },
                ...{ tx: anchor.tx, batch: anchor.batch, log_index: String(anchor.size) },
              },
            ]),
      ];
    }
  }
}

/** Numbers are cells as they are, also below zero: no spreadsheet runs them. */
function harmlessCell(text: string | null | undefined): string {
  if (text === null || text === undefined) return "";
  return /^-\d+(?:\.\d+)?$/.test(text) ? text : harmlessText(text);
}

function changeCells({ accepted, owed, paidOut, issuerOwes }: Standing, asset: Asset): Cells {
  return {
    accepted: formatTotal(accepted, asset),
    owed: formatTotal(owed, asset),
    paid_out: formatTotal(paidOut, asset),
    issuer_owes: formatTotal(issuerOwes, asset),
  };
}

function balanceCells({ accepted, owed, paidOut, issuerOwes }: Standing, asset: Asset): Cells {
  return {
    balance_accepted: formatTotal(accepted, asset),
    balance_owed: formatTotal(owed, asset),
    balance_paid_out: formatTotal(paidOut, asset),
    balance_issuer_owes: formatTotal(issuerOwes, asset),
  };
}
