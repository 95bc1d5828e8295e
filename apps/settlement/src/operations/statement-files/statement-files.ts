import { Inject, Injectable, StreamableFile } from "@nestjs/common";
import type { Asset } from "@tallystick/money";
import { toHex, type Domain } from "@tallystick/protocol";
import { ASSET } from "../../foundation/http/amounts.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import type { Period } from "../periods/period.ts";
import { STATEMENT_CHUNK } from "../statements/limits.ts";
import { statementCsv } from "../statements/statement-csv.ts";
import type { Statement } from "../statements/statement-form.ts";
import { STATEMENT_FORMATS, type StatementFormat } from "../statements/statement-formats.ts";
import { statementJson } from "../statements/statement-json.ts";
import { Statements } from "../statements/statements.ts";
import { StatementPlaces } from "./statement-places.ts";

/** Writes the statement of a payee as a file, for whoever may have it. */
@Injectable()
export class StatementFiles {
  private readonly places = new StatementPlaces();

  constructor(
    @Inject(Statements) private readonly statements: Statements,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
  ) {}

  /**
   * The file is written as fast as it is read, within a time. Throws Problem LIMIT_REACHED while others are being
   * written.
   */
  async write(
    payee: Uint8Array,
    { period, format, actor }: { readonly period: Period; readonly format: StatementFormat; readonly actor: Actor },
  ): Promise<StreamableFile> {
    const leave = this.places.take(actor.role === "merchant" ? toHex(payee) : null);
    try {
      const stream = this.places.stream(this.pieces(await this.statements.open(payee, period), format));
      stream.once("close", leave);
      return new StreamableFile(stream, {
        type: STATEMENT_FORMATS[format],
        disposition: `attachment; filename="statement-${toHex(payee)}-${period.from}-${period.to}.${format}"`,
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  private pieces(statement: Statement, format: StatementFormat): AsyncIterable<string | Uint8Array> {
    const { asset, domain, issuer } = this;
    switch (format) {
      case "json":
        return inChunks(statementJson(statement, { asset, domain, issuer }));
      case "csv":
        return inChunks(statementCsv(statement, asset));
      case "pdf":
        return pdfOf(statement, asset);
    }
  }
}

/** The writer of PDF and its fonts are loaded for the first one that somebody wants. */
async function* pdfOf(statement: Statement, asset: Asset): AsyncGenerator<Uint8Array> {
  const { statementPdf } = await import("./statement-pdf.ts");
  yield* statementPdf(statement, asset);
}

/** Few large pieces in the place of many small ones. */
async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < STATEMENT_CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}
