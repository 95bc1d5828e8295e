import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { addressOfKey, digestOf, encodeStateProof, signatureParity, toHex, withParity } from "@tallystick/protocol";
import { callRpc } from "@tallystick/stack";
import { ChainWatch } from "../src/chain/watch/chain-watch.ts";
import { claimIsDue } from "../src/claim/late-claim.ts";
import { ReadinessReport } from "../src/http/readiness.ts";
import { TestChain } from "./harness/chain/test-chain.ts";
import type { TestCard } from "./harness/test-card.ts";
import { DAY, type TestTerminal } from "./harness/test-terminal.ts";

const FUNDED = 20_000_000n;
const PRICE = 1_000_000n;
/** What the card's allowance lets it spend in all; the rest may be asked back. */
const MAX_SPENT = 12_000_000n;

let chain: TestChain;
let terminal: TestTerminal;
let card: TestCard;
let snapshot: unknown;
let made = 0;

beforeAll(async () => {
  chain = await TestChain.start();
});

afterAll(async () => {
  await chain.stop();
});

beforeEach(async () => {
  snapshot = await callRpc(chain.anvil.rpc, "evm_snapshot");
  made += 1;
  ({ terminal } = await chain.makeTerminal({}, { chain: { rpcUrl: chain.anvil.rpc, startBlock: chain.block } }));
  card = await terminal.card(`watched ${made}`, { maxSpent: MAX_SPENT }, chain.domain);
  terminal.reader.card = card;
  await chain.fund(card, FUNDED);
  await chain.finalize();
  await terminal.gateway.chainWatch.passAll();
  expect(terminal.gateway.chainWatch.faults()).toEqual([]);
});

afterEach(async () => {
  terminal.remove();
  await callRpc(chain.anvil.rpc, "evm_revert", [snapshot]);
});

function address(of: TestCard): string {
  return toHex(addressOfKey(of.signer.publicKey));
}

async function ask(units: bigint): Promise<void> {
  await chain.send(chain.payer, "vault", "requestWithdrawal", address(card), units);
}

async function pass(): Promise<void> {
  await terminal.gateway.chainWatch.passAll();
}

describe("an owner's request for a card's money", () => {
  it("refuses the card as soon as it is in a block, where it leaves less than the allowance", async () => {
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    await ask(FUNDED - MAX_SPENT + 1n);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED", apdus: 1 });
    await chain.finalize();
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
  });

  it("does no harm where it leaves enough, nor to other cards", async () => {
    await ask(FUNDED - MAX_SPENT);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    await chain.send(chain.payer, "vault", "cancelWithdrawal", address(card));
    await ask(FUNDED);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ code: "STATUS_SUSPENDED" });
    terminal.reader.card = await terminal.card("watched other", {}, chain.domain);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("counts until its end is final", async () => {
    await ask(FUNDED);
    await chain.finalize();
    await pass();
    await chain.send(chain.payer, "vault", "cancelWithdrawal", address(card));
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ code: "STATUS_SUSPENDED" });
    await chain.finalize();
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("is known after a restart, without a node", async () => {
    await ask(FUNDED);
    await pass();
    terminal.restart();
    await chain.anvil.pause();
    try {
      await pass();
      expect(terminal.gateway.chainWatch.faults()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
      expect(await terminal.tap(PRICE)).toMatchObject({ code: "STATUS_SUSPENDED" });
      const { warnings } = await new ReadinessReport(terminal.gateway).read();
      expect(warnings).toContainEqual(expect.objectContaining({ code: "RPC_UNREACHABLE" }));
    } finally {
      await chain.anvil.resume();
    }
  });

  it("is forgotten when a reorganisation takes it back", async () => {
    const before = await callRpc(chain.anvil.rpc, "evm_snapshot");
    await ask(FUNDED);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ code: "STATUS_SUSPENDED" });
    await callRpc(chain.anvil.rpc, "evm_revert", [before]);
    await callRpc(chain.anvil.rpc, "anvil_mine", ["0x1"]);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("is read again where even a final block is gone", async () => {
    const before = await callRpc(chain.anvil.rpc, "evm_snapshot");
    await ask(FUNDED);
    await chain.finalize();
    await pass();
    await callRpc(chain.anvil.rpc, "evm_revert", [before]);
    await callRpc(chain.anvil.rpc, "anvil_mine", ["0x8", "0x2"]);
    await pass();
    expect(terminal.gateway.chainWatch.faults()).toMatchObject([{ code: "FINAL_BLOCK_GONE" }]);
    await pass();
    expect(terminal.gateway.chainWatch.faults()).toEqual([]);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });
});

describe("how far the chain was read", () => {
  it("makes the list no younger than itself: the older of the two counts", async () => {
    const latest = await chain.provider.getBlock("finalized");
    const seen = latest?.timestamp ?? 0;
    const { domainBytes } = terminal.config.domains[0] ?? { domainBytes: new Uint8Array(28) };
    expect(terminal.gateway.chainWatch.asOf(domainBytes)).toBe(seen);
    // The list of the test's day is older than the chain, so it counts.
    expect(terminal.gateway.lists.trusted(domainBytes)?.asOf).toBe(terminal.now - 60);
    terminal.now = seen + 7 * DAY;
    await terminal.offerList({ domain: chain.domain, seq: 5, issuedAt: terminal.now, asOf: terminal.now });
    expect(terminal.gateway.lists.trusted(domainBytes)?.asOf).toBe(seen);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.now += 1;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_TOO_OLD" });
  });

  it("is not known where the node is away or of another chain", async () => {
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const { journal } = terminal.gateway;
    const away = {
      ...served,
      chain: { rpcUrl: "http://127.0.0.1:1", startBlock: 0n },
      domainBytes: new Uint8Array(28),
    };
    const other = { ...served, domain: { ...served.domain, chainId: 5n }, domainBytes: new Uint8Array(28).fill(1) };
    const watch = new ChainWatch({ journal, config: { ...terminal.config, domains: [away, other] } });
    await watch.passAll();
    expect(watch.faults()).toMatchObject([{ code: "RPC_UNREACHABLE" }, { code: "WRONG_CHAIN" }]);
    expect(watch.asOf(away.domainBytes)).toBeNull();
    expect(watch.asOf(other.domainBytes)).toBeNull();
  });
});

/** The card's signature over where it stands, as the vault takes it. */
async function stateProof(counter: number, spent: bigint): Promise<readonly [string, string, string]> {
  const proof = encodeStateProof({
    ...{ domain: chain.domain, challenge: new Uint8Array(16), counter, spent },
    ...{ seq: card.body.seq, state: card.state, head: new Uint8Array(32) },
  });
  const digest = digestOf(proof);
  const signature = await card.signer.sign(digest);
  const carried = withParity(signature, signatureParity(signature, digest, card.signer.publicKey));
  return [toHex(proof), toHex(carried.slice(0, 32)), toHex(carried.slice(32))];
}

async function requestVoid(counter: number, shown: { counter: number; spent: bigint }): Promise<void> {
  const proof = await stateProof(shown.counter, shown.spent);
  await chain.send(chain.payer, "vault", "requestVoid", address(card), counter, ...proof);
}

async function afterTheDelay(): Promise<void> {
  await callRpc(chain.anvil.rpc, "evm_increaseTime", [16 * DAY]);
  await chain.finalize();
}

describe("an owner who says that a voucher was lost", () => {
  it("makes the terminal that holds it claim at once", async () => {
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    expect(claimIsDue(terminal.gateway, served)).toBe(false);
    await requestVoid(1, { counter: 1, spent: PRICE });
    await chain.finalize();
    await pass();
    expect(claimIsDue(terminal.gateway, served)).toBe(true);
    expect((await new ReadinessReport(terminal.gateway).read()).warnings).toContainEqual(
      expect.objectContaining({ code: "VOID_REQUESTED" }),
    );
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("leaves its worth behind the card once the void is final, where this terminal knows what it was worth", async () => {
    for (const counter of [1, 2, 3]) expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter });
    for (const counter of [1, 3]) await requestVoid(counter, { counter: 3, spent: 3n * PRICE });
    await afterTheDelay();
    for (const counter of [1, 3]) await chain.send(chain.payer, "vault", "executeVoid", address(card), counter);
    // The allowance was raised by what the voids gave back, so exactly the rest may be asked for.
    await card.allow({ ...card.body, seq: card.body.seq + 1, maxSpent: MAX_SPENT + 2n * PRICE });
    await ask(FUNDED - MAX_SPENT);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
    await chain.finalize();
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    const { warnings } = await new ReadinessReport(terminal.gateway).read();
    expect(warnings.map(({ code }) => code)).toEqual(["VOUCHERS_VOIDED"]);

    await card.allow({ ...card.body, seq: card.body.seq + 1, maxSpent: MAX_SPENT + 2n * PRICE + 1n });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
  });

  it("counts nothing as returned for a card that the vault has flagged, nor where the terminal never saw the payment", async () => {
    await terminal.tap(PRICE);
    await requestVoid(1, { counter: 1, spent: PRICE });
    await afterTheDelay();
    await chain.send(chain.payer, "vault", "executeVoid", address(card), 1);
    await card.allow({ ...card.body, seq: card.body.seq + 1, maxSpent: MAX_SPENT + PRICE });
    await ask(FUNDED - MAX_SPENT);
    await chain.finalize();
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    const settings = { rpcUrl: chain.anvil.rpc, startBlock: chain.block };
    const other = (await chain.makeTerminal({}, { chain: settings })).terminal;
    try {
      other.reader.card = card;
      await other.gateway.chainWatch.passAll();
      expect(await other.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
    } finally {
      other.remove();
    }
    await chain.convict(card);
    await pass();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
  });
});
