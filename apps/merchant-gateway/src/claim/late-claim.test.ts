import { afterEach, describe, expect, it } from "@jest/globals";
import { toAddress } from "@tallystick/protocol";
import { DAY, type TestTill } from "../testing/test-till.ts";
import { PRICE, TillSuite } from "../testing/till-suite.ts";
import { claimIsDue, claimWhatIsLate } from "./late-claim.ts";
import { ClaimError, type VaultPort } from "./vault-port.ts";

const suite = new TillSuite();

afterEach(() => {
  suite.removeAll();
});

/** A vault that pays all it is given and knows each counter once. */
function testVault(log: string[]): VaultPort & { close(): void } {
  let owed = 0n;
  const used = new Set<number>();
  return {
    payer: toAddress(new Uint8Array(20).fill(1)),
    chainId: () => Promise.resolve(31_337n),
    isUsed: (_, counter) => Promise.resolve(used.has(counter)),
    owed: () => Promise.resolve(owed),
    settle: (_, items) => {
      log.push(`settle ${items}`);
      for (let counter = 1; counter <= items; counter += 1) used.add(counter);
      owed = PRICE;
      return Promise.resolve({ tx: "0x1", paid: Array.from({ length: items }, () => true) });
    },
    withdraw: () => {
      log.push("withdraw");
      owed = 0n;
      return Promise.resolve("0x2");
    },
    release: () => Promise.reject(new ClaimError("REVERTED", "only the payee releases")),
    close: () => log.push("close"),
  };
}

async function makeTill(): Promise<TestTill> {
  const { till } = await suite.withCard({ claim: { rpc: "http://127.0.0.1:1", keyFile: "none" } });
  await till.tap(PRICE);
  return till;
}

describe("a voucher that nobody settles", () => {
  it("is claimed by the till from U + C/2 on, once", async () => {
    const till = await makeTill();
    const [served] = till.config.domains;
    if (served === undefined) throw new Error("the till serves no domain");
    const log: string[] = [];
    const vault = testVault(log);
    const open = () => Promise.resolve(vault);
    till.now += 7 * DAY + DAY / 2 - 1;
    expect(claimIsDue(till.gateway, served)).toBe(false);
    expect(await claimWhatIsLate(till.gateway, open)).toEqual([]);
    till.now += 1;
    expect(claimIsDue(till.gateway, served)).toBe(true);
    expect(await claimWhatIsLate(till.gateway, open)).toMatchObject([{ settled: 1, withdrawn: PRICE }]);
    expect(claimIsDue(till.gateway, served)).toBe(false);
    expect(log).toEqual(["settle 1", "withdraw", "close"]);
  });

  it("is left to a person where no node and key are configured, and where it is cancelled or final", async () => {
    const till = await makeTill();
    till.now += 8 * DAY;
    const open = () => Promise.reject(new Error("nothing is to be opened"));
    expect(await claimWhatIsLate({ ...till.gateway, config: { ...till.config, claim: null } }, open)).toEqual([]);
    const [tap] = till.gateway.journal.taps.recent(1);
    till.gateway.engine.cancel(tap?.id ?? "");
    expect(await claimWhatIsLate(till.gateway, open)).toEqual([]);
  });
});
