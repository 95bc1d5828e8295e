import { addressOfKey, toHex, type VoucherBundle } from "@tallystick/protocol";
import { buildBatchPayload, settleCall } from "@tallystick/vault";
import { signedMessage } from "./return-harness.ts";
import type { SettlementHarness } from "./settlement-harness.ts";

/** Brings a voucher to the vault without settlement; `forged`: with a signature that is not its card's. */
export async function claim(
  harness: SettlementHarness,
  bundle: VoucherBundle,
  { forged = false }: { readonly forged?: boolean } = {},
): Promise<void> {
  const { signature, parity } = signedMessage(bundle);
  const { counter, amount, context, payee } = bundle.message;
  const odd = (parity === 1) !== forged;
  const voucher = {
    ...{ card: addressOfKey(bundle.cardKey), payee, counter, amount, context, signature },
    parity: odd ? (1 as const) : (0 as const),
  };
  const nothing = new Uint8Array(32);
  const { payload } = buildBatchPayload({ batchRoot: nothing, ledgerRoot: nothing, vouchers: [voucher] });
  await harness.sendAs(toHex(payee), settleCall(payload));
}
