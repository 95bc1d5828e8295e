import { toHex } from "@tallystick/protocol";
import { eventually } from "./eventually.ts";
import { ISSUER_TOKEN, type SettlementHarness, type TestService } from "./settlement-harness.ts";
import { TestCard } from "./test-card.ts";
import { TestTerminal } from "./test-terminal.ts";

/** A certified terminal, of a payee of its own unless one is named. */
export async function certifiedTerminal(
  harness: SettlementHarness,
  service: TestService,
  change: Record<string, unknown> = {},
  payee?: Uint8Array,
): Promise<TestTerminal> {
  const terminal = new TestTerminal(harness.domain, payee);
  const answer = await service.call("POST", "/v1/merchants", {
    body: terminal.certificateRequest(change),
    token: ISSUER_TOKEN,
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  terminal.certificate = answer.body as TestTerminal["certificate"];
  return terminal;
}

/** What the tests ask for when nothing else matters. */
export function allowanceRequest(change: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    perTap: "50.00",
    pinAbove: "50.00",
    noPinSum: "1000.00",
    noPinCount: 200,
    notBefore: now - 86_400,
    notAfter: now + 86_400,
    categories: "18446744073709551615",
    flags: 0,
    reason: "a test",
    ...change,
  };
}

/** A registered card without any deposit; the issuer owns it unless another owner is given. */
export async function registeredCard(
  harness: SettlementHarness,
  service: TestService,
  owner: string = harness.treasury,
  card = new TestCard(harness.domain),
): Promise<TestCard> {
  const answer = await service.call("POST", "/v1/cards", {
    token: ISSUER_TOKEN,
    body: {
      cardKey: toHex(card.signer.publicKey),
      owner: owner.toLowerCase(),
      openingSignature: toHex(await card.opening(owner)),
      reference: toHex(card.address),
    },
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return card;
}

/** A card that is open, finally funded and holds an allowance. The chain must be mining. */
export async function fundedCard(
  harness: SettlementHarness,
  service: TestService,
  amount = "20.00",
  owner?: string,
): Promise<TestCard> {
  const card = await registeredCard(harness, service, owner);
  const path = `/v1/cards/${toHex(card.address)}`;
  const funding = await service.call("POST", `${path}/fundings`, {
    token: ISSUER_TOKEN,
    body: { amount, key: "first", reason: "a test" },
  });
  if (funding.status !== 200) throw new Error(JSON.stringify(funding.body));
  const allowance = await eventually(
    () => service.call("POST", `${path}/allowances`, { token: ISSUER_TOKEN, body: allowanceRequest() }),
    (answer) => answer.status === 200,
  );
  card.load(allowance.body as { body: string; signature: string });
  return card;
}
