import { concatBytes, equalBytes } from "@tallystick/apdu";
import { cardStates, digestOf, MAX_CATEGORY } from "@tallystick/protocol";
import { type AllowanceRules, currentRules } from "../allowance-rules.ts";
import type { CardContext, PresentedCertificate } from "../card-context.ts";
import { cardTagOf, messageOfRecord, signAsCard } from "../card-crypto.ts";
import { PARTS } from "../card-image.ts";
import { MAX_U32, MAX_U48, NO_COUNT_LIMIT } from "../limits.ts";
import { toBytes, unsigned } from "../numbers.ts";
import { Refusal, require, SW } from "../refusal.ts";

const REQUEST_BYTES = 67;
const CERTIFICATE_FLAG = 1n;
/** P2 of PAY's short form (spec §4.5). */
export const SHORT_FORM = 0x01;

/** The 67 bytes of a request in the applet's terms. */
interface Request {
  readonly bytes: Uint8Array;
  readonly cardTag: Uint8Array;
  readonly counter: bigint;
  readonly payee: Uint8Array;
  readonly amount: bigint;
  readonly time: bigint;
  readonly terminalId: Uint8Array;
  readonly category: number;
}

function readRequest(bytes: Uint8Array): Request {
  return {
    bytes,
    cardTag: bytes.slice(0, 8),
    counter: unsigned(bytes.slice(8, 12)),
    payee: bytes.slice(12, 32),
    amount: unsigned(bytes.slice(32, 38)),
    time: unsigned(bytes.slice(38, 42)),
    terminalId: bytes.slice(58, 66),
    category: bytes[66] ?? 0,
  };
}

/** PAY (spec §4.5), in the order of its steps. */
export async function payOnCard(context: CardContext): Promise<Uint8Array> {
  const { image, data } = context;
  require(data.length === REQUEST_BYTES, SW.wrongLength);
  require(image.state !== cardStates.installed, SW.state);
  const request = readRequest(data);
  require(request.amount !== 0n && unsigned(request.payee) !== 0n, SW.wrongValue);
  const known = image.has(PARTS.domain | PARTS.keyPair) && equalBytes(cardTagOf(image), request.cardTag);
  require(known, SW.wrongCard);
  const stored = image.record(request.counter);
  if (request.counter !== 0n && equalBytes(stored.slice(0, REQUEST_BYTES), data))
    return answerOf(context, request.counter);

  const last = unsigned(image.read("counter"));
  require(last < MAX_U32 && request.counter === last + 1n, SW.outOfTurn);
  const rules = currentRules(image);
  const cvm = checkRules(context, request, rules);
  await commit(context, request, { rules, cvm });
  return answerOf(context, request.counter);
}

/** Step 4: returns the cardholder verification that the voucher will name. */
function checkRules(context: CardContext, request: Request, rules: AllowanceRules): 0 | 1 {
  const { image, volatile } = context;
  require(image.state === cardStates.personalized, SW.state);
  require(request.time >= rules.notBefore && request.time <= rules.notAfter, SW.validity);
  const allowed = request.category <= MAX_CATEGORY && ((rules.categories >> BigInt(request.category)) & 1n) === 1n;
  require(allowed, SW.category);
  require(request.amount <= rules.perTap, SW.perTap);
  const needsCertificate = (rules.flags & CERTIFICATE_FLAG) !== 0n;
  require(!needsCertificate || isCovered(volatile.certificate, request), SW.certificateNeeded);
  const cvm = checkCardholder(context, request, rules);
  require(request.counter <= rules.maxCounter, SW.counterCap);
  const spent = unsigned(image.read("spent")) + request.amount;
  require(spent <= MAX_U48 && spent <= rules.maxSpent, SW.spendingCap);
  return cvm;
}

function isCovered(certificate: PresentedCertificate | null, request: Request): boolean {
  return (
    certificate !== null &&
    equalBytes(certificate.payee, request.payee) &&
    certificate.category === request.category &&
    equalBytes(certificate.terminalId, request.terminalId) &&
    request.time >= certificate.notBefore &&
    request.time <= certificate.notAfter
  );
}

function checkCardholder({ image, volatile }: CardContext, request: Request, rules: AllowanceRules): 0 | 1 {
  if (volatile.pinBoundTo !== null && equalBytes(volatile.pinBoundTo, digestOf(request.bytes))) return 1;
  const sum = unsigned(image.read("noPinUsed")) + request.amount;
  const taps = unsigned(image.read("noPinTaps")) + 1n;
  const counted = rules.noPinCount === NO_COUNT_LIMIT || taps <= rules.noPinCount;
  const free = request.amount <= rules.pinAbove && sum <= rules.noPinSum && counted;
  if (!free) throw new Refusal(SW.pinNeeded);
  return 0;
}

/**
 * Steps 5 and 6 in one image: here record and signature are stored together, so there is no tear
 * between them.
 */
async function commit(
  { image, volatile }: CardContext,
  request: Request,
  { rules, cvm }: { readonly rules: AllowanceRules; readonly cvm: 0 | 1 },
): Promise<void> {
  const spent = toBytes(unsigned(image.read("spent")) + request.amount, 6);
  const link = image.read("head");
  const draft = concatBytes(request.bytes, spent, toBytes(rules.seq, 4), Uint8Array.of(cvm, 0), link);
  const message = messageOfRecord(image, draft);
  const head = digestOf(message);
  image.writeRecord(request.counter, concatBytes(draft, head), await signAsCard(image, message));
  image.write("counter", toBytes(request.counter, 4));
  image.write("spent", spent);
  image.write(
    "noPinUsed",
    cvm === 1 ? new Uint8Array(6) : toBytes(unsigned(image.read("noPinUsed")) + request.amount, 6),
  );
  const taps = unsigned(image.read("noPinTaps"));
  image.write("noPinTaps", cvm === 1 ? new Uint8Array(1) : toBytes(taps < NO_COUNT_LIMIT ? taps + 1n : taps, 1));
  image.write("head", head);
  if (cvm === 1) volatile.pinBoundTo = null;
}

/** counter ‖ spent ‖ seq ‖ cvm ‖ flags ‖ link ‖ DER; in the short form cvm ‖ flags ‖ DER. */
function answerOf({ image, p2 }: CardContext, counter: bigint): Uint8Array {
  const record = image.record(counter);
  const signature = image.signature(counter);
  if (p2 === SHORT_FORM) return concatBytes(record.slice(77, 79), signature);
  return concatBytes(record.slice(8, 12), record.slice(67, 111), signature);
}
