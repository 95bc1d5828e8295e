import { describe, expect, it } from "@jest/globals";
import { ReturnBook, VaultState } from "../index.ts";

const payee = new Uint8Array(20).fill(0x5a);
const delegate = new Uint8Array(20).fill(0xde);
const other = new Uint8Array(20).fill(0x0e);
const voucherId = new Uint8Array(32).fill(7);
const of = { payee, delegate };

function book(): ReturnBook {
  const made = new ReturnBook();
  made.setDelegate(of, 500n);
  made.setReserve(payee, 300n);
  made.giveBack({ payee, delegate, voucherId, units: 40n, day: 20_000 });
  return made;
}

describe("ReturnBook", () => {
  it("adds up what was given back, by voucher and by day", () => {
    const made = book();
    made.giveBack({ payee, delegate, voucherId, units: 2n, day: 20_000 });
    expect(made.delegate(of)).toEqual({ unitsPerDay: 500n, used: 42n, day: 20_000 });
    expect([made.usedOn(of, 20_000), made.usedOn(of, 20_001)]).toEqual([42n, 0n]);
    made.giveBack({ payee, delegate, voucherId, units: 8n, day: 20_001 });
    expect(made.delegate(of)).toEqual({ unitsPerDay: 500n, used: 8n, day: 20_001 });
    expect(made.returned(voucherId)).toBe(50n);
  });

  it("counts a payee's own release for the voucher, and in nobody's sum", () => {
    const made = book();
    made.giveBack({ payee, delegate: null, voucherId, units: 60n, day: 20_000 });
    expect(made.returned(voucherId)).toBe(100n);
    expect(made.usedOn(of, 20_000)).toBe(40n);
  });

  it("leaves the sum of the day when a limit is set anew", () => {
    const made = book();
    made.setDelegate(of, 0n);
    made.setDelegate(of, 50n);
    expect(made.delegate(of)).toEqual({ unitsPerDay: 50n, used: 40n, day: 20_000 });
  });

  it("knows nothing of another payee's delegate, and no reserve of another payee", () => {
    const made = book();
    expect(made.delegate({ payee: other, delegate })).toEqual({ unitsPerDay: 0n, used: 0n, day: 0 });
    expect([made.reserve(payee), made.reserve(other)]).toEqual([300n, 0n]);
    expect(made.returned(new Uint8Array(32))).toBe(0n);
  });

  it("changes a fork alone, and keeps all of it as plain data", () => {
    const made = book();
    const fork = made.fork();
    fork.giveBack({ payee, delegate, voucherId, units: 1n, day: 20_000 });
    fork.setReserve(other, 9n);
    expect([made.returned(voucherId), fork.returned(voucherId)]).toEqual([40n, 41n]);
    expect([made.usedOn(of, 20_000), fork.usedOn(of, 20_000)]).toEqual([40n, 41n]);
    const again = ReturnBook.restore(JSON.parse(JSON.stringify(fork.save())));
    expect(again.save()).toEqual(fork.save());
    expect([again.reserve(payee), again.reserve(other)]).toEqual([300n, 9n]);
    expect(again.delegate(of)).toEqual(fork.delegate(of));
  });
});

describe("VaultState", () => {
  it("takes delegates and reserves in, and says what others may withdraw", () => {
    const state = new VaultState();
    state.editMerchant(payee).earned = 1_000n;
    expect(state.withdrawableByOthers(payee)).toBe(1_000n);
    state.apply({ kind: "delegateSet", payee, delegate, unitsPerDay: 500n });
    state.apply({ kind: "reserveSet", payee, units: 300n });
    state.apply({ kind: "returned", payee, delegate, voucherId, units: 40n, day: 20_000 });
    expect(state.withdrawableByOthers(payee)).toBe(700n);
    state.apply({ kind: "reserveSet", payee, units: 5_000n });
    expect(state.withdrawableByOthers(payee)).toBe(0n);
    const again = VaultState.restore(JSON.parse(JSON.stringify(state.fork().save())));
    expect(again.returns.delegate(of)).toEqual({ unitsPerDay: 500n, used: 40n, day: 20_000 });
    expect(again.returns.reserve(payee)).toBe(5_000n);
    expect(VaultState.restore({ cards: [], merchants: [] }).returns.reserve(payee)).toBe(0n);
  });
});
