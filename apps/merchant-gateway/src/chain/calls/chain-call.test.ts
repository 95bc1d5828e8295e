import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Killed } from "../../../test/harness/codes.ts";
import { MAX_REPLACEMENTS, RpcError } from "@tallystick/evm";
import { encodeDomain } from "@tallystick/protocol";
import { withdrawCall } from "@tallystick/vault";
import { ScriptedChain } from "../../../test/harness/scripted-chain.ts";
import { domain, type TestTerminal } from "../../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { beginCall, type CallStatus, checkCall } from "./chain-call.ts";

const suite = new TerminalSuite();
const WAIT = 48;
const fees = { replaceAfterMs: WAIT * 1_000, maxFee: 10_000n };
const planned = {
  ...{ domainBytes: encodeDomain(domain), refund: null, purpose: "withdraw" as const },
  call: { to: domain.vault, data: withdrawCall(new Uint8Array(20).fill(3)) },
};

let terminal: TestTerminal;
let chain: ScriptedChain;

beforeEach(async () => {
  terminal = await suite.terminal();
  chain = new ScriptedChain(domain.vault);
});

afterEach(() => {
  suite.removeAll();
});

function parts(policy = fees) {
  return { journal: terminal.gateway.journal, chain, fees: policy, now: terminal.now };
}

async function begin(): Promise<string> {
  const begun = await beginCall(parts(), planned);
  if (begun.kind !== "waiting" || begun.tx === null) throw new Error("the call did not begin");
  return begun.tx;
}

async function check(id: string, policy = fees): Promise<CallStatus> {
  const call = terminal.gateway.journal.chainCalls.byId(id);
  if (call === null) throw new Error("the call is not live");
  return await checkCall(parts(policy), call);
}

function hashes(id: string): readonly string[] {
  return terminal.gateway.journal.chainCalls.byId(id)?.transactions.map(({ hash }) => hash) ?? [];
}

describe("a call that is mined at once", () => {
  it("is found, and is final when its block is", async () => {
    const id = await begin();
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN", tx: id });
    chain.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", tx: id, succeeded: true, final: false });
    chain.finalize();
    expect(await check(id)).toMatchObject({ kind: "mined", tx: id, final: true });
    expect(new Set(chain.sent)).toEqual(new Set([id]));
  });

  it("is not begun where the vault refuses or the chain asks too much", async () => {
    const { simulation } = chain;
    chain.simulation = new RpcError("REVERTED", "execution reverted", null, "NotPayee");
    expect(await beginCall(parts(), planned)).toEqual({ kind: "refused", refusal: "NotPayee" });
    chain.simulation = simulation;
    chain.market = { baseFee: 9_991n, tip: 10n };
    expect(await beginCall(parts(), planned)).toMatchObject({ code: "FEES_TOO_HIGH", tx: null });
    expect(chain.sent).toEqual([]);
    expect(terminal.gateway.journal.chainCalls.hasClaims(planned.domainBytes)).toBe(false);
  });
});

describe("a call that is stuck at too low a fee", () => {
  it("is replaced under its nonce once it has waited, and whichever is mined counts", async () => {
    const id = await begin();
    chain.market = { baseFee: 2_000n, tip: 10n };
    terminal.now += WAIT - 1;
    chain.mine();
    expect(await check(id)).toMatchObject({ kind: "waiting", tx: id });
    expect(hashes(id)).toEqual([id]);
    terminal.now += 1;
    const status = await check(id);
    expect(status).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    const [, replacement] = hashes(id);
    expect(status).toMatchObject({ tx: replacement });
    expect(chain.pool.size).toBe(1);
    chain.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", tx: replacement });
    expect(chain.mined).toHaveLength(1);
  });

  it("counts the first one where the replacement came too late", async () => {
    const id = await begin();
    terminal.now += WAIT;
    // The block is made between the check and the sending of the replacement.
    const sendRaw = chain.sendRaw.bind(chain);
    chain.sendRaw = async (raw) => {
      chain.mine();
      await sendRaw(raw);
    };
    await check(id);
    expect(hashes(id)).toHaveLength(2);
    expect(await check(id)).toMatchObject({ kind: "mined", tx: id });
    expect(chain.mined).toHaveLength(1);
  });

  it("is raised step by step and never above the policy or the number of replacements", async () => {
    const id = await begin();
    chain.market = { baseFee: 1n, tip: 1n };
    const offers: bigint[] = [];
    for (let round = 0; round < MAX_REPLACEMENTS + 3; round += 1) {
      terminal.now += WAIT;
      chain.pool.clear();
      await check(id, { ...fees, maxFee: 10n ** 18n });
      offers.push(
        chain.signer.read(terminal.gateway.journal.chainCalls.byId(id)?.transactions.at(-1)?.raw ?? new Uint8Array(0))
          .maxFee,
      );
    }
    expect(hashes(id)).toHaveLength(MAX_REPLACEMENTS + 1);
    expect(await check(id, { ...fees, maxFee: 10n ** 18n })).toMatchObject({ code: "FEES_TOO_HIGH" });
    expect(new Set(hashes(id)).size).toBe(MAX_REPLACEMENTS + 1);
    expect(offers.every((offer, index) => index === 0 || offer >= (offers[index - 1] ?? 0n))).toBe(true);
  });

  it("waits where the policy ends, sends the same bytes again, and says so", async () => {
    const id = await begin();
    chain.market = { baseFee: 50_000n, tip: 10n };
    const policy = { ...fees, maxFee: 230n };
    terminal.now += WAIT;
    expect(await check(id, policy)).toMatchObject({ code: "FEES_TOO_HIGH", tx: id });
    expect(hashes(id)).toEqual([id]);
    expect(chain.sent).toEqual([id, id]);
  });

  it("is not made dearer while an earlier nonce of the account is open", async () => {
    const first = await begin();
    const second = await begin();
    terminal.now += WAIT;
    expect(await check(second)).toMatchObject({ code: "WAITING_FOR_EARLIER", tx: second });
    await check(first);
    chain.mine();
    terminal.now += WAIT;
    expect(await check(second)).toMatchObject({ kind: "mined" });
    expect(hashes(second)).toEqual([second]);
  });

  it("answers what its node says", async () => {
    const id = await begin();
    chain.sendFault = new RpcError("REFUSED", "txpool is full");
    expect(await check(id)).toMatchObject({ code: "NODE_REFUSED", detail: "txpool is full" });
    chain.sendFault = new RpcError("INSUFFICIENT_FUNDS", "insufficient funds");
    expect(await check(id)).toMatchObject({ code: "NO_GAS" });
  });
});

describe("a call whose nonce another transaction has used", () => {
  it("is lost only when that was seen twice, in a final block, and none of its transactions was mined", async () => {
    const id = await begin();
    terminal.now += WAIT;
    await check(id);
    chain.useNonce();
    expect(await check(id)).toMatchObject({ kind: "waiting" });
    chain.finalize();
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "NONCE_USED" });
    terminal.restart();
    expect(await check(id)).toEqual({ kind: "lost" });
  });

  it("is not lost where an older transaction of its own was mined", async () => {
    const id = await begin();
    terminal.now += WAIT;
    chain.mine();
    chain.finalize();
    const receipt = chain.receipt.bind(chain);
    // One of the node's replicas lags behind.
    chain.receipt = () => Promise.resolve(null);
    expect(await check(id)).toMatchObject({ code: "NONCE_USED" });
    chain.receipt = receipt;
    expect(await check(id)).toMatchObject({ kind: "mined", tx: id, final: true });
  });
});

describe("a reorganisation", () => {
  it("takes a call back to its wait, and another of its transactions may be mined in the end", async () => {
    const id = await begin();
    terminal.now += WAIT;
    await check(id);
    const [, replacement] = hashes(id);
    chain.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", tx: replacement });
    chain.reorganize(true);
    expect(await check(id)).toMatchObject({ kind: "waiting" });
    chain.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", tx: replacement });
  });
});

describe("a terminal that is killed", () => {
  it("sends the same bytes again, wherever it died, and never signs a second call", async () => {
    const sendRaw = chain.sendRaw.bind(chain);
    chain.sendRaw = () => Promise.reject(new Killed());
    await expect(beginCall(parts(), planned)).rejects.toBeInstanceOf(Killed);
    terminal.restart();
    chain.sendRaw = sendRaw;
    const [call] = terminal.gateway.journal.chainCalls.ofClaims(planned.domainBytes, chain.signer.address);
    if (call === undefined) throw new Error("nothing was stored before it was sent");
    await check(call.id);
    terminal.now += WAIT;
    chain.sendRaw = () => Promise.reject(new Killed());
    await expect(check(call.id)).rejects.toBeInstanceOf(Killed);
    terminal.restart();
    chain.sendRaw = sendRaw;
    expect(hashes(call.id)).toHaveLength(2);
    expect(await check(call.id)).toMatchObject({ kind: "waiting", tx: hashes(call.id)[1] });
    expect(hashes(call.id)).toHaveLength(2);
    chain.mine();
    expect(await check(call.id)).toMatchObject({ kind: "mined", tx: hashes(call.id)[1] });
    expect(chain.mined).toHaveLength(1);
  });
});
