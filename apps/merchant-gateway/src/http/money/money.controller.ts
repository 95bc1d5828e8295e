import { Body, Controller, Get, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { z } from "zod";
import { type PayOut, PayOuts } from "../../claim/pay-out.ts";
import type { ServedDomain } from "../../config/gateway-config.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { Policies } from "../../config/policies.ts";
import { ApiProblems } from "../api-problems.ts";
import { askedCurrencies } from "../currencies/asked-currencies.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Idempotent } from "../idempotency/idempotent.ts";
import { MoneyReport } from "./money-report.ts";
import { moneySchema, withdrawRequestSchema, withdrawSchema } from "./money-wire.ts";

/** Where the merchant's money is. */
@ApiTags("money")
@Controller("v1/money")
export class MoneyController {
  constructor(
    @Inject(MoneyReport) private readonly report: MoneyReport,
    @Inject(PayOuts) private readonly payOuts: PayOuts,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "showMoney",
    summary: "Where the money is",
    description:
      "Of each currency the payments by stage, with who says so, and the payee's account in the vault as the newest final block showed it.",
  })
  @Answers(moneySchema, "Sums by stage")
  show(@Asking() caller: Caller | null): z.output<typeof moneySchema> {
    this.access.assertMay(caller, "reports");
    return this.report.read();
  }

  @Post("withdraw")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems(
    ...(["CURRENCY_NOT_SERVED", "PAYING_KEY_UNREADABLE", "WRONG_CHAIN", "RPC_UNREACHABLE"] as const),
    ...(["NO_GAS", "REVERTED", "FEES_TOO_HIGH"] as const),
  )
  @ApiOperation({
    operationId: "withdrawMoney",
    summary: "Pay out what the vault owes",
    description:
      "To the payee, whoever sends it. With a key in `claim` this terminal sends it; without one the answer is the call, which any account may send.",
  })
  @Answers(withdrawSchema, "What is on its way, of each currency")
  async withdraw(
    @Body({ schema: withdrawRequestSchema }) { currency }: z.output<typeof withdrawRequestSchema>,
    @Asking() caller: Caller | null,
  ): Promise<z.output<typeof withdrawSchema>> {
    this.access.begin(caller, "withdraw", currency ?? "");
    const asked = askedCurrencies(this.policies, currency);
    const payouts: z.output<typeof withdrawSchema>["payouts"] = [];
    for (const served of asked) payouts.push(payOutToWire(served, await this.payOuts.pay(served)));
    this.report.forget();
    return { payee: this.report.payee, payouts };
  }
}

function payOutToWire({ domain, asset }: ServedDomain, payOut: PayOut) {
  const nothing = { currency: asset.code, state: payOut.kind, tx: null, amount: null, call: null };
  if (payOut.kind === "nothing") return nothing;
  if (payOut.kind === "call") {
    const { to, data } = payOut;
    return { ...nothing, call: { chainId: String(domain.chainId), to: toHex(to), data: toHex(data) } };
  }
  return { ...nothing, tx: payOut.tx, amount: payOut.units === null ? null : formatTotal(payOut.units, asset) };
}
