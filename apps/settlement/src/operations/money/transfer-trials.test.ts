import { describe, expect, it } from "@jest/globals";
import { RpcError, type ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { createTransferTrial, tryTransfers, type TransferTrial } from "./transfer-trials.ts";

const address = (fill: number) => Buffer.alloc(20, fill);
const [vault, treasury, guarantee] = [address(1), address(2), address(3)];
const [payee, other, token] = [address(4), address(5), address(6)];
const parties = { vault, treasury, guarantee, payees: [payee, other] };

/** A token that refuses everything that one of these takes part in. */
function refusing(...blocked: readonly Uint8Array[]): TransferTrial {
  const named = new Set(blocked.map(toHex));
  return (from, to) =>
    Promise.resolve(
      named.has(toHex(from)) || named.has(toHex(to)) ? { moves: false, reason: "Blacklisted" } : { moves: true },
    );
}

async function codes(trial: TransferTrial): Promise<readonly string[]> {
  return (await tryTransfers(parties, trial)).faults.map(({ code, subject }) => `${code} ${subject}`.trim());
}

describe("a trial of the token", () => {
  it("finds nothing where it moves", async () => {
    expect(await codes(refusing())).toEqual([]);
  });

  it.each<[string, readonly Uint8Array[], readonly string[]]>([
    ["the vault", [vault], ["VAULT_BLOCKED"]],
    ["the treasury", [treasury], ["TREASURY_BLOCKED"]],
    ["the guarantee's account", [guarantee], ["GUARANTEE_BLOCKED"]],
    ["a payee", [payee], [`PAYEE_BLOCKED ${toHex(payee)}`]],
    ["two payees", [payee, other], [`PAYEE_BLOCKED ${toHex(payee)}`, `PAYEE_BLOCKED ${toHex(other)}`]],
    ["vault and treasury", [vault, treasury], ["TOKEN_STOPPED"]],
  ])("tells whom it is about: %s", async (_who, blocked, expected) => {
    expect(await codes(refusing(...blocked))).toEqual(expected);
  });

  it("tells a token that is paused, with its own reason", async () => {
    const paused: TransferTrial = () => Promise.resolve({ moves: false, reason: "EnforcedPause" });
    const { faults, triedPayees } = await tryTransfers(parties, paused);
    expect(faults).toMatchObject([{ code: "TOKEN_STOPPED" }]);
    // The token's own reason is passed on to people.
    expect(faults[0]?.message.includes("EnforcedPause")).toBe(true);
    // Nothing is known of the payees then.
    expect(triedPayees).toEqual([]);
  });

  it("says nothing of who holds nothing", async () => {
    expect(await codes(() => Promise.resolve(null))).toEqual([]);
  });

  it("finds a blocked vault also where it is empty", async () => {
    const blocked = refusing(vault);
    expect(await codes((from, to) => (from === vault ? Promise.resolve(null) : blocked(from, to)))).toEqual([
      "VAULT_BLOCKED",
    ]);
  });
});

describe("a trial on a node", () => {
  const one = new Uint8Array(32);
  one[31] = 1;

  function trialOf(call: ChainRpc["call"], held = 5n): TransferTrial {
    return createTransferTrial({ call }, { token, tokenBalance: () => Promise.resolve(held) });
  }

  it("asks for one base unit, as the payer, in the newest block", async () => {
    const asked: unknown[] = [];
    const trial = trialOf((call, tag) => {
      asked.push([call.from, call.to, toHex(call.data), tag]);
      return Promise.resolve(one);
    });
    expect(await trial(vault, payee)).toEqual({ moves: true });
    const data = `0xa9059cbb${"0".repeat(24)}${"04".repeat(20)}${"0".repeat(63)}1`;
    expect(asked).toEqual([[vault, token, data, "latest"]]);
  });

  it.each<[string, Uint8Array, unknown]>([
    ["nothing", new Uint8Array(), { moves: true }],
    ["true", one, { moves: true }],
    ["false", new Uint8Array(32), { moves: false, reason: expect.any(String) }],
  ])("reads the answer %s", async (_name, answer, result) => {
    expect(await trialOf(() => Promise.resolve(answer))(vault, payee)).toEqual(result);
  });

  it("believes a refusal when it comes twice", async () => {
    let refusals = 1;
    const flaky = trialOf(() => {
      refusals -= 1;
      return refusals < 0 ? Promise.resolve(one) : Promise.reject(new RpcError("REVERTED", "reverted"));
    });
    expect(await flaky(vault, payee)).toEqual({ moves: true });
    const refusing = trialOf(() => Promise.reject(new RpcError("REVERTED", "reverted", "0x1234", "EnforcedPause")));
    expect(await refusing(vault, payee)).toEqual({ moves: false, reason: "EnforcedPause" });
  });

  it("is no answer where the node gives none, and none is asked for an empty account", async () => {
    const away = trialOf(() => Promise.reject(new RpcError("UNREACHABLE", "away")));
    await expect(away(vault, payee)).rejects.toMatchObject({ code: "UNREACHABLE" });
    const empty = trialOf(() => Promise.reject(new Error("asked")), 0n);
    expect(await empty(vault, payee)).toBeNull();
  });
});
