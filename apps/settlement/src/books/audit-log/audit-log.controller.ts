import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { queryCount } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import {
  consistencyAnswerSchema,
  inclusionAnswerSchema,
  ledgerRootAnswerSchema,
} from "../ledger-log/ledger-answers.ts";
import type { ConsistencyView, InclusionView, RootView } from "../ledger-log/ledger-proofs.ts";
import { AuditLog, type AuditEntryView } from "./audit-log.ts";

const entriesAnswerSchema = z.object({
  entries: z.array(
    z.object({ index: z.int(), entry: z.string(), words: z.string().nullable(), salt: hash.nullable() }),
  ),
});

/** Heads and consistency are hashes alone; entries name persons and are for operators. */
@ApiTags("audit")
@RequireRight("read")
@Controller("v1/audit")
export class AuditLogController {
  constructor(@Inject(AuditLog) private readonly log: AuditLog) {}

  @Get("root")
  @ApiProblems("MALFORMED_BODY", "LOG_RANGE")
  @ApiOperation({
    operationId: "showAuditRoot",
    summary: "Head of the log of what persons did (RFC 6962), the newest or the one of a size.",
  })
  @ApiQuery({ name: "size", required: false })
  @ApiOkResponse({ standardSchema: ledgerRootAnswerSchema })
  async root(@Query("size") size?: string): Promise<RootView> {
    return this.log.root(queryCount("size", size));
  }

  @Get("proofs/consistency")
  @ApiProblems("MALFORMED_BODY", "LOG_RANGE")
  @ApiOperation({
    operationId: "proveAuditConsistency",
    summary: "Proof that the audit log of `to` entries begins with the one of `from`.",
  })
  @ApiQuery({ name: "from" })
  @ApiQuery({ name: "to", required: false })
  @ApiOkResponse({ standardSchema: consistencyAnswerSchema })
  async consistency(@Query("from") from?: string, @Query("to") to?: string): Promise<ConsistencyView> {
    return this.log.consistency(needed("from", from), queryCount("to", to));
  }

  @Get("entries")
  @RequireRight("audit")
  @ApiProblems("MALFORMED_BODY")
  @ApiOperation({
    operationId: "listAuditEntries",
    summary: "What persons did that moves or stops money, the newest first.",
  })
  @ApiQuery({ name: "before", required: false })
  @ApiOkResponse({ standardSchema: entriesAnswerSchema })
  async entries(@Query("before") before?: string): Promise<{ entries: readonly AuditEntryView[] }> {
    return { entries: await this.log.entries(queryCount("before", before)) };
  }

  @Get("proofs/inclusion")
  @RequireRight("audit")
  @ApiProblems("MALFORMED_BODY", "NOT_FOUND", "LOG_RANGE", "LEDGER_CHANGED")
  @ApiOperation({ operationId: "proveAuditInclusion", summary: "Proof that an entry is in the audit log." })
  @ApiQuery({ name: "entry" })
  @ApiQuery({ name: "size", required: false })
  @ApiOkResponse({ standardSchema: inclusionAnswerSchema })
  async inclusion(@Query("entry") entry?: string, @Query("size") size?: string): Promise<InclusionView> {
    return this.log.inclusion(needed("entry", entry), queryCount("size", size));
  }
}

function needed(name: string, text: unknown): number {
  const value = queryCount(name, text);
  if (value === null) throw new Problem("MALFORMED_BODY", `${name}: write a whole number in decimal digits.`);
  return value;
}
