import { createHash } from "node:crypto";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex, type Domain } from "@tallystick/protocol";
import { STANDING_FIELDS, type Standing } from "./statement-effects.ts";
import { STATEMENT_FORM, type Statement, type StatementDay, type StatementLine } from "./statement-form.ts";

/** What a statement is written with. */
export interface StatementWriting {
  readonly asset: Asset;
  readonly domain: Domain;
  /** Signs a 32-byte digest with the issuer's key of this id. */
  readonly issuer: { readonly keyId: number; sign(digest: Uint8Array): Promise<Uint8Array> };
}

/**
 * The statement as one JSON document, in pieces. Amounts are display units, gas is wei, both as
 * decimal strings. The issuer signs SHA-256 of the document without its last member, `signature`,
 * written without blanks.
 */
export async function* statementJson(
  { head, pieces }: Statement,
  { asset, domain, issuer }: StatementWriting,
): AsyncGenerator<string> {
  const digest = createHash("sha256");
  const taken = (text: string): string => {
    digest.update(text);
    return text;
  };
  const { payee, name, from, to, madeAt, complete, log, anchor, consistency, opening, openingIn, openingOut } = head;
  const amount = (units: bigint): string => formatTotal(units, asset);
  const above = {
    form: STATEMENT_FORM,
    domain: { chainId: domain.chainId.toString(), vault: toHex(domain.vault) },
    asset: { code: asset.code, decimals: asset.decimals },
    ...{ payee, name, from, to, madeAt, complete, log, anchor, consistency },
    opening: { ...standingText(opening, asset), in: amount(openingIn), out: amount(openingOut) },
  };
  yield taken(`${JSON.stringify(above).slice(0, -1)},"lines":[`);
  const days: StatementDay[] = [];
  let [lines, parts] = [0, 0];
  const endLine = (): string => (lines === 0 ? "" : `${parts === 0 ? "" : "]"}}`);
  for await (const piece of pieces) {
    if (piece.piece === "line") {
      const text = JSON.stringify(lineDocument(piece.line, asset)).slice(0, -1);
      yield taken(`${endLine()}${lines === 0 ? "" : ","}${text}`);
      lines += 1;
      parts = 0;
    } else if (piece.piece === "part") {
      const { of, voucher, amount: units } = piece.part;
      yield taken(`${parts === 0 ? ',"parts":[' : ","}${JSON.stringify({ of, voucher, amount: amount(units) })}`);
      parts += 1;
    } else if (piece.piece === "day") {
      days.push(piece.day);
    } else {
      const { lines: count, closing, after } = piece.end;
      const below = {
        days: days.map((day) => dayDocument(day, asset)),
        closing: standingText(closing, asset),
        count,
        after,
      };
      yield taken(`${endLine()}],${JSON.stringify(below).slice(1, -1)}`);
    }
  }
  // What is signed ends with the brace that closes the document.
  digest.update("}");
  const signature = toHex(await issuer.sign(digest.digest()));
  yield `,"signature":${JSON.stringify({ issuerKeyId: issuer.keyId, signature })}}`;
}

export function standingText(standing: Standing, asset: Asset): Readonly<Record<keyof Standing, string>> {
  return Object.fromEntries(STANDING_FIELDS.map((field) => [field, formatTotal(standing[field], asset)])) as Record<
    keyof Standing,
    string
  >;
}

function lineDocument(line: StatementLine, asset: Asset): object {
  const { amount, effect, balance, gasWei, ...plain } = line;
  return {
    ...plain,
    amount: formatTotal(amount, asset),
    effect: standingText(effect, asset),
    balance: standingText(balance, asset),
    gasWei: gasWei === null ? null : gasWei.toString(),
  };
}

function dayDocument({ day, lines, change, balance }: StatementDay, asset: Asset): object {
  return { day, lines, change: standingText(change, asset), balance: standingText(balance, asset) };
}
