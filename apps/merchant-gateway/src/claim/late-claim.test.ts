import { afterEach, describe, expect, it } from "@jest/globals";
import { feePolicy } from "../config/fee-policy.ts";
import { ScriptedChain } from "../../test/harness/scripted-chain.ts";
import { DAY, type TestTill } from "../../test/harness/test-terminal.ts";
import { PRICE, TillSuite } from "../../test/harness/terminal-suite.ts";
import { claimIsDue, claimWhatIsLate } from "./late-claim.ts";

const suite = new TillSuite();

afterEach(() => {
  suite.removeAll();
});

/** A chain that makes a block of each transaction. */
function automatic(): ScriptedChain {
  const chain = new ScriptedChain();
  const send = chain.send.bind(chain);
  chain.send = async (raw) => {
    const answer = await send(raw);
    chain.mine();
    return answer;
  };
  return chain;
}

async function makeTill(): Promise<TestTill> {
  const { till } = await suite.withCard({ claim: { rpc: "http://127.0.0.1:1", keyFile: "none", fees: feePolicy() } });
  await till.tap(PRICE);
  return till;
}

describe("a voucher that nobody settles", () => {
  it("is claimed by the till from U + C/2 on, once", async () => {
    const till = await makeTill();
    const [served] = till.config.domains;
    if (served === undefined) throw new Error("the till serves no domain");
    const chain = automatic();
    const open = () => Promise.resolve(chain);
    till.now += 7 * DAY + DAY / 2 - 1;
    expect(claimIsDue(till.gateway, served)).toBe(false);
    expect(await claimWhatIsLate({ ...till.gateway, openChain: open })).toEqual([]);
    till.now += 1;
    expect(claimIsDue(till.gateway, served)).toBe(true);
    expect(await claimWhatIsLate({ ...till.gateway, openChain: open })).toMatchObject([
      { settled: 1, withdrawn: PRICE },
    ]);
    expect(claimIsDue(till.gateway, served)).toBe(false);
    expect(chain.mined.map(({ transaction }) => transaction.nonce)).toEqual([0, 1]);
    // Followed until it is final, without a further transaction.
    chain.finalize();
    expect(await claimWhatIsLate({ ...till.gateway, openChain: open })).toEqual([]);
    expect(till.gateway.journal.chainCalls.hasClaims(served.domainBytes)).toBe(false);
    expect(chain.mined).toHaveLength(2);
  });

  it("is claimed once where the transaction is stuck and replaced, the till killed and the node away", async () => {
    const till = await makeTill();
    till.now += 8 * DAY;
    const chain = new ScriptedChain(till.config.domains[0]?.domain.vault);
    const open = () => Promise.resolve(chain);
    const run = async (): Promise<string> => {
      // The till waits without end while its clock stands still, so it goes on by a minute at each look.
      const elapse = chain.finalNonce;
      chain.finalNonce = async () => {
        till.now += 60;
        return await elapse();
      };
      try {
        await claimWhatIsLate({ ...till.gateway, openChain: open });
        return "done";
      } catch (error) {
        return (error as { readonly code?: string }).code ?? (error as Error).message;
      } finally {
        chain.finalNonce = elapse;
      }
    };
    const send = chain.send.bind(chain);
    chain.send = () => Promise.reject(new Error("killed"));
    expect(await run()).toBe("killed");
    till.restart();
    chain.send = send;
    chain.market = { baseFee: 1_000n, tip: 10n };
    expect(await run()).toBe("CLAIM_WAITING");
    chain.away = true;
    expect(await run()).toBe("RPC_UNREACHABLE");
    chain.away = false;
    till.restart();
    expect(await run()).toBe("CLAIM_WAITING");
    expect(new Set(chain.sent).size).toBeGreaterThan(1);
    chain.mine();
    chain.send = async (raw) => {
      const answer = await send(raw);
      chain.mine();
      return answer;
    };
    expect(await run()).toBe("done");
    // The scripted vault throws where a counter is settled twice.
    expect(chain.mined.map(({ transaction }) => transaction.nonce)).toEqual([0, 1]);
    const [voucher] = till.gateway.journal.vouchers.notFinal(till.config.domains[0]?.domainBytes ?? new Uint8Array(28));
    expect(voucher).toMatchObject({ settlementState: "claimed", tx: chain.mined[0]?.hash });
  });

  it("is left to a person where no node and key are configured, and where it is cancelled or final", async () => {
    const till = await makeTill();
    till.now += 8 * DAY;
    const open = () => Promise.reject(new Error("nothing is to be opened"));
    expect(
      await claimWhatIsLate({ ...till.gateway, config: { ...till.config, claim: null }, openChain: open }),
    ).toEqual([]);
    const [tap] = till.gateway.journal.taps.recent(1);
    till.gateway.engine.cancel(tap?.id ?? "");
    expect(await claimWhatIsLate({ ...till.gateway, openChain: open })).toEqual([]);
  });
});
