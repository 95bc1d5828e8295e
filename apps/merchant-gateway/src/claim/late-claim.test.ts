import { afterEach, describe, expect, it } from "@jest/globals";
import { Killed } from "../../test/harness/codes.ts";
import { type CountTag, feePolicy } from "@tallystick/evm";
import { ScriptedChain } from "../../test/harness/chain/scripted-chain.ts";
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

/** Settlement has an upload with the terminal's vouchers, and says so by a receipt. */
function keepReceipt({ gateway: { journal }, config }: TestTerminal): void {
  const domainBytes = config.domains[0]?.domainBytes ?? new Uint8Array(28);
  const ids = journal.vouchers.toPack(domainBytes, 10).map(({ id }) => id);
  const bytes = (length: number) => new Uint8Array(length).fill(1);
  journal.write(() => {
    const upload = { domainBytes, seq: 1, head: bytes(128), signature: bytes(64), body: bytes(20) };
    journal.uploads.keep(upload, 1);
    journal.vouchers.pack(ids, 1);
    for (const id of ids) journal.vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, 1);
    journal.receipts.keep(domainBytes, 1, { receipt: bytes(101), signature: bytes(64), receivedAt: 1 }, 1);
  });
}

describe("a voucher that nobody settles", () => {
  it("is claimed by the terminal from U + C/2 on where an upload with it arrived, once", async () => {
    const terminal = await makeTerminal();
    keepReceipt(terminal);
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

  it("is claimed from U − C/2 on where no upload with it is known to have arrived", async () => {
    const terminal = await makeTerminal();
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    terminal.now += 7 * DAY - DAY / 2 - 1;
    expect(claimIsDue(terminal.gateway, served)).toBe(false);
    terminal.now += 1;
    expect(claimIsDue(terminal.gateway, served)).toBe(true);
    keepReceipt(terminal);
    expect(claimIsDue(terminal.gateway, served)).toBe(false);
  });

  it("is claimed although settlement says that it is final, without naming a transaction", async () => {
    const terminal = await makeTerminal();
    keepReceipt(terminal);
    const { journal } = terminal.gateway;
    const domainBytes = terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28);
    journal.write(() => {
      for (const { id } of [...journal.outcomes.notFinal(domainBytes)].flat())
        journal.vouchers.follow(id, { state: "final", batch: null, tx: null, reported: "final" }, terminal.now);
    });
    terminal.now += 7 * DAY + DAY / 2;
    const chain = automatic();
    const claimed = await claimWhatIsLate({ ...terminal.gateway, openChain: () => Promise.resolve(chain) });
    expect(claimed).toMatchObject([{ settled: 1, withdrawn: PRICE }]);
    const [[voucher] = []] = journal.outcomes.notFinal(domainBytes);
    expect(voucher).toMatchObject({ delivery: "taken", outcome: null, claimTx: chain.mined[0]?.hash });
  });

  it("is claimed once where the transaction is stuck and replaced, the terminal killed and the node away", async () => {
    const terminal = await makeTerminal();
    terminal.now += 8 * DAY;
    const chain = new ScriptedChain(terminal.config.domains[0]?.domain.vault);
    const open = () => Promise.resolve(chain);
    const run = async (): Promise<string> => {
      // The terminal waits without end while its clock stands still, so the clock moves by a minute
      // at each check.
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
    const domainBytes = terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28);
    const [[voucher] = []] = terminal.gateway.journal.outcomes.notFinal(domainBytes);
    expect(voucher).toMatchObject({ claimTx: chain.mined[0]?.hash });
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
