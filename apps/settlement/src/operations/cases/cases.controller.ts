import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathNumber } from "../../foundation/http/path-values.ts";
import { type FileReply, savedAs } from "../../foundation/http/bodies/saved-as.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import {
  caseAnswerSchema,
  caseRequestSchema,
  casesAnswerSchema,
  caseStateAnswerSchema,
  type CaseDetail,
  type CaseRequest,
  type CaseView,
} from "./case-answers.ts";
import { CaseDecisions } from "./case-decisions.ts";
import { CASE_KINDS, type CaseKind } from "./case-kinds.ts";
import { CaseViews } from "./case-views.ts";
import { type Evidence, evidenceSchema } from "./evidence-file.ts";
import { EvidenceReader } from "./evidence-reader.ts";

/** A case's number in a path or a query. */
export function caseNumber(text: string): bigint {
  return pathNumber(text, "A case");
}

/** A kind in a query; null where it is left out. Throws Problem MALFORMED_BODY. */
export function caseKind(text: string | undefined): CaseKind | null {
  if (text === undefined) return null;
  const kind = CASE_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new Problem("MALFORMED_BODY", `kind: write one of ${CASE_KINDS.join(", ")}.`);
}

@ApiTags("cases")
@RequireRight("read")
@Controller("v1/cases")
export class CasesController {
  constructor(
    @Inject(CaseViews) private readonly views: CaseViews,
    @Inject(CaseDecisions) private readonly decisions: CaseDecisions,
    @Inject(EvidenceReader) private readonly evidence: EvidenceReader,
  ) {}

  @Get()
  @ApiProblems("MALFORMED_BODY")
  @ApiOperation({ operationId: "listCases", summary: "What persons have to look into, the newest first." })
  @ApiQuery({ name: "state", enum: ["open", "resolved"], required: false })
  @ApiQuery({ name: "kind", enum: CASE_KINDS, required: false })
  @ApiQuery({ name: "before", required: false })
  @ApiOkResponse({ standardSchema: casesAnswerSchema })
  async list(
    @Query("state") state?: string,
    @Query("kind") kind?: string,
    @Query("before") before?: string,
  ): Promise<{ cases: readonly CaseView[]; next: string | null }> {
    if (state !== undefined && state !== "open" && state !== "resolved")
      throw new Problem("MALFORMED_BODY", "state: write open or resolved.");
    const place = before === undefined ? null : caseNumber(before);
    return this.views.list({ resolved: state === "resolved", kind: caseKind(kind), before: place });
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showCase", summary: "A case with its messages side by side, and its history." })
  @ApiOkResponse({ standardSchema: caseAnswerSchema })
  async show(@Param("id") id: string): Promise<CaseDetail> {
    return this.views.find(caseNumber(id));
  }

  @Get(":id/evidence")
  @ApiProblems("NOT_FOUND", "LEDGER_CHANGED")
  @ApiOperation({
    operationId: "downloadEvidence",
    summary: "What proves a case to anybody: `tallystick-settlement verify evidence FILE` judges it.",
  })
  @ApiOkResponse({ standardSchema: evidenceSchema })
  async download(@Param("id") id: string, @Res({ passthrough: true }) reply: FileReply): Promise<Evidence> {
    const number = caseNumber(id);
    savedAs(reply, `case-${number}.json`);
    return this.evidence.read(number);
  }

  @RequireRight("cases")
  @Post(":id/owner")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NAME_NEEDED", "CASE_RESOLVED")
  @ApiOperation({ operationId: "takeCase", summary: "Takes a case, also out of another person's hands." })
  @ApiOkResponse({ standardSchema: caseStateAnswerSchema })
  async take(
    @Param("id") id: string,
    @Body({ schema: caseRequestSchema }) { reason }: CaseRequest,
    @CallActor() actor: Actor,
  ): Promise<{ id: string; state: "open" | "over" }> {
    return { id, state: await this.decisions.take({ id: caseNumber(id), reason, actor }) };
  }

  @RequireRight("cases")
  @Post(":id/resolution")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NAME_NEEDED", "CASE_STANDS")
  @ApiOperation({
    operationId: "resolveCase",
    summary: "Resolves a case with a reason; refused while what opened it still stands.",
  })
  @ApiOkResponse({ standardSchema: caseStateAnswerSchema })
  async resolve(
    @Param("id") id: string,
    @Body({ schema: caseRequestSchema }) { reason }: CaseRequest,
    @CallActor() actor: Actor,
  ): Promise<{ id: string; state: "resolved" }> {
    return { id, state: await this.decisions.resolve({ id: caseNumber(id), reason, actor }) };
  }
}
