import { Body, Controller, Get, HttpCode, Inject, Post, Query } from "@nestjs/common";
import { ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { formatAmount } from "@tallystick/money";
import { equalBytes, fromHex, toChecksumAddress, toHex } from "@tallystick/protocol";
import type { z } from "zod";
import { GATEWAY_CONFIG, type GatewayConfig, type ServedDomain } from "../../config/gateway-config.ts";
import { Policies } from "../../config/policies.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { Journal } from "../../journal/journal.ts";
import { type OtherVoucher, otherPlaceOf } from "../../journal/merchant/other-voucher-store.ts";
import { PayeeCheck } from "../../sync/requests/payee-check.ts";
import { SettlementError } from "../../sync/settlement-client.ts";
import { ApiProblems } from "../api-problems.ts";
import { askedCurrencies } from "../currencies/asked-currencies.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Problem } from "../problem.ts";
import { OTHER_PAYMENTS_PAGE } from "./limits.ts";
import { confirmationRequestSchema, otherPaymentsSchema, payeeSchema } from "./payee-wire.ts";

/** Who is paid: whether it is the owner's own address, and what else was sold for it. */
@ApiTags("payee")
@Controller("v1/payee")
export class PayeeController {
  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, "payee">,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(PayeeCheck) private readonly check: PayeeCheck,
    @Inject(Journal) private readonly journal: Pick<Journal, "otherVouchers">,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "showPayee",
    summary: "Who is paid",
    description: "The payee's address, and how far the one unit is that settlement sent it first.",
  })
  @Answers(payeeSchema, "The payee, and its first unit in each currency")
  show(@Asking() caller: Caller | null): z.output<typeof payeeSchema> {
    this.access.assertMay(caller, "reports");
    return this.read();
  }

  @Post("confirmation")
  @HttpCode(200)
  @ApiProblems("CURRENCY_NOT_SERVED", "SETTLEMENT_UNREACHABLE")
  @ApiOperation({
    operationId: "confirmPayee",
    summary: "Say that the first unit came",
    description:
      "The owner looked in the wallet that is paid, and the unit is there. From then on settlement plans payouts to it.",
  })
  @Answers(payeeSchema, "The payee, as it is then")
  async confirm(
    @Body({ schema: confirmationRequestSchema }) { currency }: z.output<typeof confirmationRequestSchema>,
    @Asking() caller: Caller | null,
  ): Promise<z.output<typeof payeeSchema>> {
    this.access.begin(caller, "withdraw", "payee");
    const asked = askedCurrencies(this.policies, currency);
    for (const served of asked) await this.say(served);
    return this.read();
  }

  @Get("payments")
  @ApiProblems("MALFORMED_REQUEST")
  @ApiQuery({ name: "before", required: false, type: String, description: "`next` of the page before" })
  @ApiOperation({
    operationId: "listOtherPayments",
    summary: "What the payee's other terminals took",
    description:
      "As settlement listed it when `take-over` was run last, the newest first. This terminal reverses, refunds and sends none of them.",
  })
  @Answers(otherPaymentsSchema, "A page of payments of other terminals")
  others(@Query("before") before: unknown, @Asking() caller: Caller | null): z.output<typeof otherPaymentsSchema> {
    this.access.assertMay(caller, "reports");
    const rows = this.journal.otherVouchers.page(
      before === undefined ? null : placeOf(before),
      OTHER_PAYMENTS_PAGE + 1,
    );
    const shown = rows.slice(0, OTHER_PAYMENTS_PAGE);
    const last = rows.length > OTHER_PAYMENTS_PAGE ? shown.at(-1) : undefined;
    return {
      payments: shown.flatMap((voucher) => this.shown(voucher)),
      next: last === undefined ? null : otherPlaceOf(last),
    };
  }

  private async say(served: ServedDomain): Promise<void> {
    try {
      await this.check.came(served);
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      throw new Problem("SETTLEMENT_UNREACHABLE", `${error.reason}: ${error.message}`);
    }
  }

  private read(): z.output<typeof payeeSchema> {
    const firstUnits = this.policies.all().map(({ served }) => {
      const { state, amount, tx } = this.check.of(served) ?? { state: "unknown" as const, amount: null, tx: null };
      return { currency: served.asset.code, state, amount, tx };
    });
    return { payee: toChecksumAddress(this.config.payee), firstUnits };
  }

  private shown(voucher: OtherVoucher): z.output<typeof otherPaymentsSchema>["payments"] {
    const found = this.policies.all().find(({ served }) => equalBytes(served.domainBytes, voucher.domainBytes));
    if (found === undefined) return [];
    const { asset } = found.served;
    const { voucherId, terminalId, card, counter, amount, soldAt, receivedAt, state, code, tx } = voucher;
    return [
      {
        ...{ voucherId: toHex(voucherId), terminalId: toHex(terminalId), card, counter },
        ...{ currency: asset.code, amount: formatAmount(amount, asset), soldAt, receivedAt, state, code, tx },
      },
    ];
  }
}

/** Throws Problem MALFORMED_REQUEST. */
function placeOf(text: unknown): { readonly soldAt: number; readonly voucherId: Uint8Array } {
  const parts = /^([0-9]{1,10})-(0x[0-9a-f]{64})$/.exec(String(text));
  if (parts === null) throw new Problem("MALFORMED_REQUEST", "before: write the `next` of the page before.");
  const [, soldAt, voucherId] = parts;
  return { soldAt: Number(soldAt), voucherId: fromHex(voucherId, 32) };
}
