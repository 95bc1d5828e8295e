import { afterEach, describe, expect, it } from "@jest/globals";
import { Killed } from "../../test/harness/codes.ts";
import { type CountTag, feePolicy } from "@tallystick/evm";
import { ScriptedChain } from "../../test/harness/scripted-chain.ts";
import { DAY, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { claimIsDue, claimWhatIsLate } from "./late-claim.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A chain that makes a block of each transaction. */
function automatic(): ScriptedChain {
  const chain = new ScriptedChain();
  const sendRaw = chain.sendRaw.bind(chain);
  chain.sendRaw = async (raw) => {
    await sendRaw(raw);
    chain.mine();
  };
  return chain;
}

async function makeTerminal(): Promise<TestTerminal> {
  const { terminal } = await suite.withCard({
    claim: { rpcUrl: "http://127.0.0.1:1", keyFile: "none", fees: feePolicy() },
  });
  await terminal.tap(PRICE);
  return terminal;
}

describe("a voucher that nobody settles", () => {
  it("is claimed by the terminal from U + C/2 on, once", async () => {
    const terminal = await makeTerminal();
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const chain = automatic();
    const open = () => Promise.resolve(chain);
    terminal.now += 7 * DAY + DAY / 2 - 1;
    expect(claimIsDue(terminal.gateway, served)).toBe(false);
    expect(await claimWhatIsLate({ ...terminal.gateway, openChain: open })).toEqual([]);
    terminal.now += 1;
    expect(claimIsDue(terminal.gateway, served)).toBe(true);
    expect(await claimWhatIsLate({ ...terminal.gateway, openChain: open })).toMatchObject([
      { settled: 1, withdrawn: PRICE },
    ]);
    expect(claimIsDue(terminal.gateway, served)).toBe(false);
    expect(chain.mined.map(({ nonce }) => nonce)).toEqual([0n, 1n]);
    // Followed until it is final, without a further transaction.
    chain.finalize();
    expect(await claimWhatIsLate({ ...terminal.gateway, openChain: open })).toEqual([]);
    expect(terminal.gateway.journal.chainCalls.hasClaims(served.domainBytes)).toBe(false);
    expect(chain.mined).toHaveLength(2);
  });

  it("is claimed once where the transaction is stuck and replaced, the terminal killed and the node away", async () => {
    const terminal = await makeTerminal();
    terminal.now += 8 * DAY;
    const chain = new ScriptedChain(terminal.config.domains[0]?.domain.vault);
    const open = () => Promise.resolve(chain);
    const run = async (): Promise<string> => {
      // The terminal waits without end while its clock stands still, so the clock moves by a minute at each check.
      const count = chain.transactionCount.bind(chain);
      chain.transactionCount = async (address: Uint8Array, tag: CountTag) => {
        if (tag === "finalized") terminal.now += 60;
        return await count(address, tag);
      };
      try {
        await claimWhatIsLate({ ...terminal.gateway, openChain: open });
        return "done";
      } catch (error) {
        return (error as { readonly code?: string }).code ?? (error as Error).message;
      } finally {
        chain.transactionCount = count;
      }
    };
    const sendRaw = chain.sendRaw.bind(chain);
    chain.sendRaw = () => Promise.reject(new Killed());
    expect(await run()).toBe("KILLED");
    terminal.restart();
    chain.sendRaw = sendRaw;
    chain.market = { baseFee: 1_000n, tip: 10n };
    expect(await run()).toBe("CLAIM_WAITING");
    chain.away = true;
    expect(await run()).toBe("RPC_UNREACHABLE");
    chain.away = false;
    terminal.restart();
    expect(await run()).toBe("CLAIM_WAITING");
    expect(new Set(chain.sent).size).toBeGreaterThan(1);
    chain.mine();
    chain.sendRaw = async (raw) => {
      await sendRaw(raw);
      chain.mine();
    };
    expect(await run()).toBe("done");
    // The scripted vault throws where a counter is settled twice.
    expect(chain.mined.map(({ nonce }) => nonce)).toEqual([0n, 1n]);
    const [voucher] = terminal.gateway.journal.vouchers.notFinal(
      terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28),
    );
    expect(voucher).toMatchObject({ settlementState: "claimed", tx: chain.mined[0]?.hash });
  });

  it("is left to a person where no node and key are configured, and where it is reversed or final", async () => {
    const terminal = await makeTerminal();
    terminal.now += 8 * DAY;
    const open = () => Promise.reject(new Error("nothing is to be opened"));
    expect(
      await claimWhatIsLate({ ...terminal.gateway, config: { ...terminal.config, claim: null }, openChain: open }),
    ).toEqual([]);
    const [tap] = terminal.gateway.journal.taps.recent(1);
    terminal.gateway.engine.reverse(tap?.id ?? "");
    expect(await claimWhatIsLate({ ...terminal.gateway, openChain: open })).toEqual([]);
  });
});
