import { pay } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import {
  checkVoucher,
  decodePayRequest,
  decodeSelectAnswer,
  encodePayRequest,
  encodeSelectAnswer,
  encodeVoucherBundle,
  fromHex,
  type SelectAnswer,
  toHex,
} from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import type { Environment } from "../../environment.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** What every new card pays the test payee: one unit of the vault (spec §4.8). */
const finalTapUnits = 1n;

/**
 * Step "finalise" of spec §4.8: a full payment of one unit, as any terminal takes it (spec §5.1). The intent is durable
 * before PAY is sent, and a torn answer is read again by the same request, without a second debit.
 */
export async function payTestPayee(
  channel: CardChannel,
  steps: StepRunner,
  { config, environment, select }: { config: Config; environment: Environment; select: SelectAnswer },
): Promise<void> {
  await steps.run("final-tap", {
    prepare: () => {
      if (select.counter !== 0) {
        throw new Failure("CARD_CONTRADICTS", `The card has paid ${select.counter} times; a new one has paid nobody.`);
      }
      const request = encodePayRequest({
        cardTag: select.cardTag,
        counter: 1,
        payee: config.testPayee.payee,
        amount: finalTapUnits,
        time: Math.floor(environment.now() / 1_000),
        challenge: environment.randomBytes(16),
        terminalId: config.testPayee.terminalId,
        category: config.testPayee.category,
      });
      return { request: toHex(request), select: toHex(encodeSelectAnswer(select)) };
    },
    work: async (prepared) => {
      const request = fromHex(textOf(prepared, "request"));
      const answer = expectOk("PAY", await pay(channel, request));
      const verdict = checkVoucher({
        domain: config.domain,
        select: decodeSelectAnswer(fromHex(textOf(prepared, "select"))),
        request: decodePayRequest(request),
        answer,
        observations: [],
        pinVerified: false,
      });
      if (!verdict.ok) throw new Failure("CARD_CONTRADICTS", `Its first payment: ${verdict.reason}.`);
      const { bundle, id } = verdict.voucher;
      return { ...prepared, bundle: toHex(encodeVoucherBundle(bundle)), voucherId: toHex(id) };
    },
  });
}
