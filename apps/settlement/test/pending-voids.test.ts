import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  cardStatuses,
  decodeStatusListHead,
  digestOf,
  encodeStateProof,
  messageHash,
  signatureParity,
  statusAt,
  toHex,
  unpackStatusList,
  withParity,
  type VoucherBundle,
} from "@tallystick/protocol";
import { encodeVaultCall } from "@tallystick/vault";
import { allow, outsider } from "./harness/by-hand.ts";
import { eventsTold } from "./harness/promql/events-told.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const DAY_SECONDS = 86_400;
const DELAY_SECONDS = 16 * DAY_SECONDS;

describe("a void of a counter whose message is unknown", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;
  /** The service's present where it is set, milliseconds; the system's else. */
  let frozenMs: number | null = null;

  beforeAll(async () => {
    // After W the chain's time is still behind the system's.
    const firstBlockTime = Math.floor(Date.now() / 1_000) - 120 * DAY_SECONDS;
    harness = await createHarness("ReferenceVault", { firstBlockTime });
    harness.startMining();
    service = await harness.start(await harness.createDatabase(), {}, { now: () => frozenMs ?? Date.now() });
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const owner = () => outsider(harness);
  const pay = (card: TestCard, amount: bigint): Promise<VoucherBundle> =>
    card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
  const send = async (vouchers: readonly VoucherBundle[]) => {
    const answer = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
    expect(answer.status).toBe(200);
  };
  const view = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const ended = (bundle: VoucherBundle) =>
    eventually(
      () => view(bundle),
      ({ state }) => ["final", "compensated", "disputed"].includes(state),
    );
  const answerOf = async (card: TestCard) =>
    (await service.call("GET", `/v1/cards/${toHex(card.address)}`, { token: ISSUER_TOKEN })).body;
  /** What the newest signed list says of a card. */
  async function listed(card: TestCard) {
    const { body } = await service.call("GET", "/v1/status-list");
    const head = decodeStatusListHead(Buffer.from(body.head.slice(2), "hex"));
    const list = unpackStatusList(Buffer.from(body.list, "base64"), head.cards);
    return statusAt({ list, cards: head.cards, index: (await answerOf(card)).cardIndex });
  }
  const becomesListed = (card: TestCard, status: number) =>
    eventually(
      () => listed(card),
      (seen) => seen === status,
    );

  const suspensionsTold = async () => (await eventsTold(service)).suspension;

  async function requestVoid(card: TestCard, counter: number, by = owner()): Promise<void> {
    const { proof, signature, cardKey } = await card.prove();
    const bytes = encodeStateProof(proof);
    const marked = withParity(signature, signatureParity(signature, digestOf(bytes), cardKey));
    await harness.sendAs(
      by,
      encodeVaultCall("requestVoid", [card.address, BigInt(counter), bytes, marked.slice(0, 32), marked.slice(32)]),
    );
  }
  const executeVoid = (card: TestCard, counter: number) =>
    harness.sendAs(owner(), encodeVaultCall("executeVoid", [card.address, BigInt(counter)]));
  const voidedFinally = (card: TestCard) =>
    eventually(
      () =>
        service.platform.db
          .selectFrom("chain_events")
          .select("kind")
          .where("kind", "=", "voided")
          .where("final", "=", true)
          .where("card", "=", card.address)
          .execute(),
      (rows) => rows.length === 1,
    );
  const afterDelay = async () => {
    await harness.rpc("evm_increaseTime", [DELAY_SECONDS]);
    await harness.mine(1);
  };

  it("suspends the card in the list until its message comes, and not the issuer's own", async () => {
    const card = await fundedCard(harness, service, "20.00", owner());
    const own = await fundedCard(harness, service);
    const lost = await pay(card, 2_000_000n);
    await pay(own, 2_000_000n);
    await requestVoid(own, 1, harness.treasury);
    expect(await listed(card)).toBe(cardStatuses.valid);
    const told = await suspensionsTold();
    await requestVoid(card, 1);
    await becomesListed(card, cardStatuses.suspended);
    expect(await suspensionsTold()).toBe(told + 1);
    expect(await answerOf(card)).toMatchObject({ status: "suspended", suspendedFor: ["PENDING_VOID"] });
    expect(await listed(own)).toBe(cardStatuses.valid);
    await send([lost]);
    expect(await listed(card)).toBe(cardStatuses.valid);
    expect(await answerOf(card)).toMatchObject({ status: "valid", suspendedFor: [] });
    // One line when it begins and one when it ends, however often the list is asked for.
    expect(await suspensionsTold()).toBe(told + 2);
    expect((await ended(lost)).state).toBe("final");
  });

  it("knows a counter by the link of the voucher after it, and of that one alone", async () => {
    const card = await fundedCard(harness, service, "20.00", owner());
    const [first, second, third] = [await pay(card, 1n), await pay(card, 2n), await pay(card, 3n)];
    expect(second.context.link).toEqual(messageHash(first.message));
    await requestVoid(card, 1);
    await send([third]);
    await becomesListed(card, cardStatuses.suspended);
    await send([second]);
    expect(await listed(card)).toBe(cardStatuses.valid);
  });

  it("ends with its cause: when the void has run", async () => {
    const card = await fundedCard(harness, service, "20.00", owner());
    await pay(card, 2_000_000n);
    await requestVoid(card, 1);
    await becomesListed(card, cardStatuses.suspended);
    await afterDelay();
    await executeVoid(card, 1);
    await becomesListed(card, cardStatuses.valid);
  });

  it("pays an honest card's post-dated voucher once: what came after the void is not borne", async () => {
    const card = await fundedCard(harness, service, "40.00", owner());
    // By the chain's time the request is of a day that is months ahead.
    const postDated = await pay(card, 40_000_000n);
    await requestVoid(card, 1);
    await harness.sendAs(owner(), encodeVaultCall("requestWithdrawal", [card.address, 40_000_000n]));
    await afterDelay();
    await executeVoid(card, 1);
    await harness.sendAs(owner(), encodeVaultCall("withdrawFromCard", [card.address]));
    await voidedFinally(card);
    await send([postDated]);
    expect(await ended(postDated)).toMatchObject({ state: "disputed", code: "VOIDED_BEFORE_IT_CAME" });
    const { contract } = service.platform;
    expect(await contract.tokenBalance(Buffer.from(owner().slice(2), "hex"), "latest")).toBe(40_000_000n);
    expect(await contract.tokenBalance(terminal.payee, "latest")).toBe(0n);
  });

  it("bears it all the same where the card is broken", async () => {
    const card = await fundedCard(harness, service, "20.00", owner());
    const lost = await pay(card, 2_000_000n);
    const clone = card.clone();
    const forked = [await pay(card, 1_000_000n), await pay(clone, 1_000_001n)];
    await requestVoid(card, 1);
    await afterDelay();
    await executeVoid(card, 1);
    await voidedFinally(card);
    await send(forked);
    await eventually(
      () => answerOf(card),
      ({ flagged }) => flagged === true,
    );
    await send([lost]);
    expect(await ended(lost)).toMatchObject({ state: "compensated", code: null });
  });

  it("bears what came in the second before the void's block, and not what came in its own", async () => {
    const cards = [
      await fundedCard(harness, service, "1.00", owner()),
      await fundedCard(harness, service, "1.00", owner()),
    ] as const;
    const sales: VoucherBundle[] = [];
    for (const card of cards) {
      // More than the card has, so that the vault does not pay it at once.
      await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
      sales.push(await pay(card, 3_000_000n));
      await requestVoid(card, 1);
    }
    await afterDelay();
    const arrival = Math.floor(Date.now() / 1_000);
    frozenMs = arrival * 1_000 + 999;
    await send(sales);
    frozenMs = null;
    for (const sale of sales) {
      await eventually(
        () => view(sale),
        ({ state }) => state === "skipped",
      );
    }
    await harness.stopMining();
    for (const [index, card] of cards.entries()) {
      await harness.rpc("evm_setNextBlockTimestamp", [arrival + index]);
      await executeVoid(card, 1);
    }
    harness.startMining();
    const [same, before] = await Promise.all(sales.map(ended));
    expect(same).toMatchObject({ state: "disputed", code: "VOIDED_BEFORE_IT_CAME" });
    expect(before).toMatchObject({ state: "compensated", code: null });
  });
});
