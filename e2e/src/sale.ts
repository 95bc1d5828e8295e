import { poll, type Merchant, type TapAnswer } from "@tallystick/demo";

/** How long a cashier goes on with one sale while parts die and come back. */
const SALE_DEADLINE_MS = 120_000;

/** A sale that ended with the terminal showing Paid. */
export interface PaidSale {
  readonly saleId: string;
  readonly merchant: "A" | "B";
  readonly amount: string;
  readonly voucherId: string;
  readonly counter: number;
  readonly spentBefore: string;
  readonly spentAfter: string;
  /** Requests it took; more than one when something died meanwhile. */
  readonly attempts: number;
}

/** Goes on with one sale, by its id, until the terminal shows Paid. */
export async function sell(merchant: Merchant, saleId: string, amount: string): Promise<PaidSale> {
  let attempts = 0;
  const paid = await poll({
    what: `sale ${saleId}`,
    ask: async (): Promise<TapAnswer | string> => {
      attempts += 1;
      try {
        return await merchant.http().post<TapAnswer>("/v1/taps", { amount, saleId });
      } catch (error) {
        // The gateway was killed meanwhile, or still works on the request whose connection broke.
        return error instanceof Error ? error.message : String(error);
      }
    },
    until: (answer) => typeof answer !== "string" && answer.outcome === "accepted",
    deadlineMs: SALE_DEADLINE_MS,
  });
  if (typeof paid === "string" || paid.voucherId === null || paid.counter === null)
    throw new Error(`sale ${saleId} has no voucher`);
  const { voucherId, counter, spentBefore, spentAfter } = paid;
  return {
    saleId,
    merchant: merchant.name,
    amount,
    voucherId,
    counter,
    spentBefore: spentBefore ?? "",
    spentAfter: spentAfter ?? "",
    attempts,
  };
}

/** Has a merchant send what it has; answers whether it could. */
export async function send(merchant: Merchant): Promise<boolean> {
  try {
    await merchant.http().post("/v1/sync");
    return true;
  } catch {
    // Settlement or the gateway is dead at the moment; the merchant keeps everything and sends it later.
    return false;
  }
}
