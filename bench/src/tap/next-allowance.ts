import type { DemoStack } from "@tallystick/demo";
import { decodeAllowanceBody, fromHex } from "@tallystick/protocol";
import type { SignedAllowance } from "./tap-once.ts";

interface AnsweredAllowance {
  readonly body: string;
  readonly signature: string;
}

/** Has settlement sign the card an allowance like its newest one, with the next number. */
export async function nextAllowance({ settlement }: DemoStack, address: string): Promise<SignedAllowance> {
  const { issuer } = settlement;
  const newest = await issuer.get<AnsweredAllowance>(`/v1/cards/${address}/allowances/latest`);
  const { notBefore, notAfter, noPinCount, categories, flags } = decodeAllowanceBody(fromHex(newest.body));
  const signed = await issuer.post<AnsweredAllowance>(`/v1/cards/${address}/allowances`, {
    ...{ perTap: "50.00", pinAbove: "50.00", noPinSum: "250.00" },
    ...{
      noPinCount,
      notBefore,
      notAfter,
      categories: categories.toString(),
      flags,
      reason: "The next update that is measured.",
    },
  });
  return { body: fromHex(signed.body), signature: fromHex(signed.signature) };
}
