import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from "@nestjs/common";
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { cardAnswerSchema } from "../http/answers.ts";
import { formatTotal, type Asset } from "@tallystick/money";
import { cardStatuses, fromHex, toHex } from "@tallystick/protocol";
import {
  cardRegistrationResponseSchema,
  cardRegistrationSchema,
  type CardRegistration,
  type CardRegistrationResponse,
} from "@tallystick/protocol/wire";
import { Allowances } from "../allowances/allowances.ts";
import { VAULT_CONTRACT, type VaultContract } from "../chain/vault-contract.ts";
import { DATABASE, type Database } from "../database/database.ts";
import { ASSET, readAmount } from "../http/amounts.ts";
import { Problem } from "../http/problem.ts";
import { RequireRole } from "../http/roles.ts";
import {
  fundingRequestSchema,
  fundingResponseSchema,
  pathAddress,
  pathUuid,
  statusRequestSchema,
  type FundingRequest,
  type StatusRequest,
} from "../http/wire.ts";
import { effectiveStatus } from "../status-list/status-lists.ts";
import { CardRegister } from "./card-register.ts";
import { CardStatuses } from "./card-statuses.ts";
import { CardStreams } from "./card-streams.ts";
import { Fundings, type ActionView } from "./fundings.ts";

const statusNames = ["valid", "suspended", "revoked", "lost"] as const;

/** An action's view with its bytes as hex. */
export function describeAction({ id, state, tx }: ActionView): { id: string; state: string; tx: string | null } {
  return { id, state, tx: tx === null ? null : toHex(tx) };
}

@ApiTags("cards")
@ApiBearerAuth()
@RequireRole("issuer")
@Controller("v1")
export class CardsController {
  constructor(
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(CardStreams) private readonly streams: CardStreams,
    @Inject(CardStatuses) private readonly statuses: CardStatuses,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post("cards")
  @HttpCode(200)
  @ApiOperation({
    summary: "Registers a card and plans its opening in the vault; the same registration again is harmless.",
  })
  @ApiOkResponse({ standardSchema: cardRegistrationResponseSchema })
  async register(
    @Body({ schema: cardRegistrationSchema }) request: CardRegistration,
  ): Promise<CardRegistrationResponse> {
    const row = await this.cards.register({
      cardKey: fromHex(request.cardKey),
      owner: request.owner,
      openingSignature: fromHex(request.openingSignature),
      reference: request.reference,
    });
    return { card: toHex(row.card), cardIndex: row.card_index, state: await this.cards.stateOf(row) };
  }

  @Get("cards/:card")
  @ApiOperation({
    summary: "A card: its opening, its balance at the final and the latest block, its status and allowance.",
  })
  @ApiOkResponse({ standardSchema: cardAnswerSchema })
  async show(@Param("card") text: string): Promise<Record<string, unknown>> {
    const row = await this.cards.find(pathAddress(text));
    const [state, finalized, latest, bound, missing, allowance] = await Promise.all([
      this.cards.stateOf(row),
      this.contract.card(row.card, "finalized"),
      this.contract.card(row.card, "latest"),
      this.allowances.boundOf(row.card),
      this.streams.missing(row.card),
      this.db
        .selectFrom("allowances")
        .select((select) => select.fn.max("seq").as("seq"))
        .where("card", "=", row.card)
        .executeTakeFirst(),
    ]);
    return {
      card: toHex(row.card),
      cardIndex: row.card_index,
      reference: row.reference,
      owner: toHex(row.owner),
      state,
      balanceFinal: formatTotal(finalized.balance, this.asset),
      balanceLatest: formatTotal(latest.balance, this.asset),
      paidFinal: formatTotal(finalized.paid, this.asset),
      pendingWithdrawal: formatTotal(latest.pending, this.asset),
      status: statusNames[effectiveStatus(row)],
      flagged: row.flagged,
      allowanceSeq: Number(allowance?.seq ?? 0n),
      bound: formatTotal(bound, this.asset),
      boundUnits: bound.toString(),
      missing: { count: missing.count, worth: formatTotal(missing.worth, this.asset) },
    };
  }

  @Put("cards/:card/status")
  @ApiOperation({ summary: "Sets what the status list says of a card; revoked is for ever." })
  async setStatus(
    @Param("card") text: string,
    @Body({ schema: statusRequestSchema }) request: StatusRequest,
  ): Promise<{ card: string; status: string }> {
    await this.statuses.set(pathAddress(text), cardStatuses[request.status]);
    return { card: text, status: request.status };
  }

  @Post("cards/:card/fundings")
  @HttpCode(200)
  @ApiOperation({ summary: "Deposits from the treasury into a card; a key is funded once." })
  @ApiOkResponse({ standardSchema: fundingResponseSchema })
  async fund(
    @Param("card") text: string,
    @Body({ schema: fundingRequestSchema }) request: FundingRequest,
  ): Promise<Record<string, unknown>> {
    const amount = readAmount(request.amount, "amount", this.asset);
    if (amount === 0n) throw new Problem("AMOUNT_RANGE", "amount: a funding is above zero.");
    return describeAction(await this.fundings.plan(pathAddress(text), amount, request.key));
  }

  @Get("fundings/:id")
  @ApiOperation({ summary: "How far a funding is." })
  @ApiOkResponse({ standardSchema: fundingResponseSchema })
  async funding(@Param("id") id: string): Promise<Record<string, unknown>> {
    return describeAction(await this.fundings.view(pathUuid(id)));
  }
}
