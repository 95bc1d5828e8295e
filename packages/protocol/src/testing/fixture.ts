import * as protocol from "../index.ts";

/** Bytes that count up from `first`. */
export function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

/**
 * A deterministic test key: the secret is SHA-256 of a public name, so nothing of value may ever
 * depend on it.
 */
export function testSigner(name: string): protocol.Signer {
  return protocol.createSigner(protocol.digestOf(new TextEncoder().encode(`tallystick protocol test: ${name}`)));
}

/** The time at which the fixture's taps happen, in seconds. */
export const now = 1_790_000_000;

/** The domain of the fixture. */
export const domain: protocol.Domain = { chainId: 31337n, vault: protocol.toAddress(counting(0x51, 20)) };

/** A payee. */
export const payee: protocol.Address = protocol.toAddress(counting(0x91, 20));

/** A typical allowance body. */
export const body: protocol.AllowanceBody = {
  issuerKeyId: 1,
  seq: 7,
  maxSpent: 50_000_000n,
  softSpent: 40_000_000n,
  maxCounter: 1024,
  perTap: 20_000_000n,
  pinAbove: 20_000_000n,
  noPinSum: 50_000_000n,
  noPinCount: 50,
  notBefore: now - 1000,
  notAfter: now + 1000,
  cardIndex: 5,
  categories: 1n << 12n,
  flags: 0,
};

/** A card with an allowance and one payment behind it; a changed body is signed anew. */
export interface TestCard {
  readonly signer: protocol.Signer;
  readonly select: protocol.SelectAnswer;
}

/** Makes a card as SELECT shows it. */
export async function makeCard(
  options: { name?: string; body?: Partial<protocol.AllowanceBody>; select?: Partial<protocol.SelectAnswer> } = {},
): Promise<TestCard> {
  const signer = testSigner(options.name ?? "card");
  const issuer = testSigner("issuer");
  const allowanceBody = { ...body, ...options.body };
  const card = protocol.addressOfKey(signer.publicKey);
  const allowanceSignature = await issuer.sign(
    protocol.digestOf(protocol.encodeAllowance({ domain, card, body: allowanceBody })),
  );
  const select: protocol.SelectAnswer = {
    aid: protocol.instanceAid(1),
    version: 1,
    state: protocol.cardStates.personalized,
    cardTag: protocol.cardTag(domain, signer.publicKey),
    cardKey: signer.publicKey,
    allowanceBody,
    allowanceSignature,
    counter: 1,
    spent: 1n,
    noPinUsed: 1n,
    noPinTaps: 1,
    head: counting(0x21, 32),
    ...options.select,
  };
  return { signer, select };
}

/** The issuer's keys as a terminal pins them. */
export const issuerKeys: readonly protocol.IssuerKey[] = [{ domain, id: 1, publicKey: testSigner("issuer").publicKey }];

/** A policy under which the fixture's card may pay 2.50. */
export const policy: protocol.TapPolicy = {
  domains: [domain],
  issuerKeys,
  freshness: protocol.defaultFreshness,
  category: 12,
  certificate: { notBefore: now - 2000, notAfter: now + 2000 },
  assuranceClasses: [0, 1, 2],
  softwareSum: 0n,
  perTap: 20_000_000n,
  unsentSum: 100_000_000n,
  unsentCount: 10,
  perCardSum: 50_000_000n,
};

/** A status list of so many valid cards, with some statuses changed. */
export function heldList(
  changes: Readonly<Record<number, protocol.CardStatus>> = {},
  cards = 9,
): protocol.HeldStatusList {
  const statuses = Array.from({ length: cards }, (_, index) => changes[index] ?? protocol.cardStatuses.valid);
  const list = protocol.encodeStatusList(statuses);
  const head = {
    domain,
    issuerKeyId: 1,
    seq: 3,
    issuedAt: now - 50,
    asOf: now - 100,
    cards,
    listHash: protocol.statusListHash(list),
  };
  return { head, list, asOf: head.asOf };
}

/** What the terminal holds. */
export const cached: protocol.CachedState = {
  clockConfirmed: true,
  clockFloor: now - 50,
  clockAheadSeconds: null,
  statusLists: [heldList()],
  unsent: { sum: 0n, count: 0, oldestTime: null },
  open: { cardSum: 0n, softwareSum: 0n },
  convicted: false,
  withdrawnFrom: null,
};

/** The PAY request that follows a SELECT. */
export function requestFor(select: protocol.SelectAnswer, amount = 2_500_000n): protocol.PayRequest {
  return {
    cardTag: select.cardTag,
    counter: select.counter + 1,
    payee,
    amount,
    time: now,
    challenge: counting(0x31, 16),
    terminalId: counting(0xa1, 8),
    category: 12,
  };
}

/** What an honest card answers; lies replace fields before the card signs. */
export async function answerOf(
  card: TestCard,
  request: protocol.PayRequest,
  lies: Partial<Omit<protocol.PayAnswer, "signature">> = {},
): Promise<protocol.PayAnswer> {
  const honest = {
    counter: request.counter,
    spent: card.select.spent + request.amount,
    allowanceSeq: card.select.allowanceBody.seq,
    cvm: 0 as const,
    flags: 0 as const,
    link: card.select.head,
  };
  const fields = { ...honest, ...lies };
  const { message } = protocol.rebuildVoucher(domain, request, fields);
  const signature = protocol.decodeSignature(await card.signer.sign(protocol.messageHash(message)));
  return { ...fields, signature: protocol.encodeDerSignature(signature) };
}
