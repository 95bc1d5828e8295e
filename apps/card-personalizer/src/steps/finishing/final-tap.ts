import { pay, presentCertificate, prove, type SignedCertificate } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import {
  certificateRequired,
  checkVoucher,
  decodePayRequest,
  decodeSelectAnswer,
  digestOf,
  encodePayRequest,
  encodeSelectAnswer,
  encodeStateProof,
  encodeVoucherBundle,
  fromHex,
  needsPin,
  type PayAnswer,
  type SelectAnswer,
  toHex,
} from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import type { Config } from "../../config/load-config.ts";
import { cardRefused, Failure } from "../../failures.ts";
import type { Environment } from "../../environment.ts";
import type { StepData } from "../../journal/journal.ts";
import { checkCardSignature } from "../card-identity.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** What every new card pays the test payee: one unit of the vault (spec §4.8). */
const finalTapUnits = 1n;

/** The spending cap; the PIN (spec §4.6). */
const AT_CAP = 0x9e06;
const PIN_NEEDED = 0x9e07;

/** What the final tap needs besides the card. */
export interface FinalTapOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly select: SelectAnswer;
  /** The test payee's certificate, for cards that want to see it. */
  readonly certificate: () => Promise<SignedCertificate>;
}

/**
 * Step "finalise" of spec §4.8: a full payment of one unit, as any terminal takes it (spec §5.1). The intent is durable
 * before PAY is sent, and a torn answer is read again by the same request, without a second debit. A card whose first
 * allowance has maxSpent 0 proves its state and refuses the unit at its cap: `seen` says which of the two was seen,
 * `signing` or `configuration`.
 */
export async function payTestPayee(channel: CardChannel, steps: StepRunner, options: FinalTapOptions): Promise<void> {
  await steps.run("final-tap", {
    prepare: () => intentOf(options),
    work: async (prepared) => {
      const select = judgedBy(prepared, options);
      const proof = select.allowanceBody.maxSpent === 0n ? await proveState(channel, options) : {};
      if (certificateRequired(select.allowanceBody))
        expectOk("PRESENT CERTIFICATE", await presentCertificate(channel, await options.certificate()));
      const answer = await pay(channel, fromHex(textOf(prepared, "request")));
      if (answer.ok) return { ...prepared, seen: "signing", ...voucherOf(prepared, select, answer.value, options) };
      if (answer.sw !== refusalOf(select)) throw cardRefused("PAY", answer.message);
      return { ...prepared, ...proof, seen: "configuration", sw: answer.sw.toString(16).toUpperCase() };
    },
  });
}

/** The card as it was when the intent was made; as it shows itself now where it has paid nobody since. */
function judgedBy(prepared: StepData, { select: shown }: FinalTapOptions): SelectAnswer {
  const before = decodeSelectAnswer(fromHex(textOf(prepared, "select")));
  return shown.counter === before.counter ? shown : before;
}

function intentOf({ config, environment, select }: FinalTapOptions): StepData {
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
}

/** What a card with maxSpent 0 must answer; null of a card that must pay. */
function refusalOf({ allowanceBody: body, noPinUsed, noPinTaps }: SelectAnswer): number | null {
  if (body.maxSpent !== 0n) return null;
  return needsPin(body, finalTapUnits, { noPinUsed, noPinTaps }) ? PIN_NEEDED : AT_CAP;
}

/** The card's proof of state under its first allowance: settlement sees by it that the card holds it. */
async function proveState(channel: CardChannel, { config, environment, select }: FinalTapOptions): Promise<StepData> {
  const challenge = environment.randomBytes(16);
  const { signature: der, ...state } = expectOk("PROVE", await prove(channel, challenge));
  const proof = encodeStateProof({ domain: config.domain, challenge, ...state });
  const signature = checkCardSignature("PROVE", { der, digest: digestOf(proof), cardKey: select.cardKey });
  if (state.seq !== select.allowanceBody.seq || state.state !== select.state)
    throw new Failure("CARD_CONTRADICTS", "Look at: PROVE. It names another allowance or state than SELECT.");
  return { proof: toHex(proof), proofSignature: toHex(signature) };
}

function voucherOf(prepared: StepData, select: SelectAnswer, answer: PayAnswer, options: FinalTapOptions): StepData {
  const { domain, issuerKeys } = options.config;
  const verdict = checkVoucher({
    ...{ domain, select, issuerKeys, shownAfter: options.select },
    request: decodePayRequest(fromHex(textOf(prepared, "request"))),
    answer,
    observations: [],
    pinVerified: false,
  });
  if (!verdict.ok) throw new Failure("CARD_CONTRADICTS", `Its first payment: ${verdict.reason}.`);
  const { bundle, id } = verdict.voucher;
  return { bundle: toHex(encodeVoucherBundle(bundle)), voucherId: toHex(id) };
}
