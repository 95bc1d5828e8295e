import { expect } from "@jest/globals";
import { Interface } from "ethers";
import secp256k1 from "secp256k1/bindings.js";
import { concatBytes, digestOf, type Domain, encodeDomain, toHex } from "@tallystick/protocol";
import {
  type ReleaseForRequest,
  type RefundForRequest,
  type ReturnRefusal,
  type SimulatedReturn,
  simulateRefundFor,
  simulateReleaseFor,
  VaultState,
} from "../../src/index.ts";
import type { Draw } from "./chance.ts";
import { artifact, type Evm } from "./evm.ts";
import { bytes, type Card, messageOf, recover, sign, testCard } from "./test-vault.ts";

const vaultInterface = new Interface(artifact("IVault").abi);
const HOUR = 3_600;
const DAY = 86_400n;
/** The delegate of every merchant, and a key that is nobody's. */
const delegate = testCard(0xde1e6a);
const nobody = testCard(0x0b0d1);

/** One of the two vaults with the state that the simulator thinks it has. */
export interface Side {
  readonly address: string;
  readonly domain: Domain;
  readonly gapWords: number;
  state: VaultState;
}

/** A voucher as a test draws it. */
export interface TestVoucher {
  readonly card: Card;
  readonly payee: Uint8Array;
  readonly counter: number;
  readonly amount: bigint;
}

/** What both vaults answered to one order. */
export type Outcome = ReturnRefusal | "RETURNED";

/** What merchants and their delegates do, on both vaults and in the simulator alike. */
export class DelegateActions {
  private readonly evm: Evm;
  private readonly sides: readonly Side[];
  private readonly payees: readonly Uint8Array[];
  private readonly draw: Draw;

  constructor(of: { evm: Evm; sides: readonly Side[]; payees: readonly Uint8Array[]; draw: Draw }) {
    ({ evm: this.evm, sides: this.sides, payees: this.payees, draw: this.draw } = of);
  }

  /** Every merchant but the last has a delegate. */
  async start(): Promise<void> {
    for (const payee of this.payees) await this.evm.impersonate(toHex(payee));
    for (const payee of this.payees.slice(0, -1)) await this.appoint(payee, 1_500n);
  }

  /** A merchant sets a limit or a reserve, or anybody pays it out what lies above its reserve. */
  async manage(): Promise<void> {
    const payee = this.payees[this.draw(this.payees.length)] as Uint8Array;
    const kind = this.draw(3);
    if (kind === 0) await this.appoint(payee, BigInt(this.draw(3_000)));
    if (kind === 1) await this.keep(payee, BigInt(this.draw(4_000)));
    if (kind === 2) for (const side of this.sides) await this.withdraw(side, payee);
  }

  /** An order for a voucher, mostly one that was paid; now and then for too much, too late, or by somebody else. */
  async refund(voucher: TestVoucher): Promise<Outcome> {
    const { draw } = this;
    const surplus = draw(9) === 0 ? 1n : 0n;
    const total = surplus + (draw(3) === 0 ? voucher.amount : BigInt(draw(Number(voucher.amount) + 1)));
    const time = await this.drawTime();
    const deadline = Number(time) + (draw(12) === 0 ? -1 : 2 + draw(1_000));
    const by = draw(10) === 0 ? nobody : delegate;
    return await this.onBoth((side, now) => {
      const { domain, state } = side;
      const message = messageOf(domain, voucher);
      const id = digestOf(concatBytes(voucher.card.address, message));
      const terms = concatBytes(bytes(total, 6), bytes(deadline, 4));
      const order = sign(by, concatBytes(new TextEncoder().encode("TLYF"), encodeDomain(domain), id, terms));
      const signed = { message, ...sign(voucher.card, message) };
      const request: RefundForRequest = { state, domain, voucher: signed, total, deadline, order, now, recover };
      const values = [message, signed.r, signed.vs, total, deadline, order.r, order.vs];
      return { simulated: simulateRefundFor(request), name: "refundFor", values };
    }, time);
  }

  /** A reversal of a voucher; now and then with another key or amount in it, or by somebody else. */
  async reverse(voucher: TestVoucher): Promise<Outcome> {
    const { draw } = this;
    const [damage, by] = [draw(12), draw(10) === 0 ? nobody : delegate];
    const time = await this.drawTime();
    return await this.onBoth((side, now) => {
      const { domain, state, gapWords: gapWordsAnItem } = side;
      const message = messageOf(domain, voucher);
      const key = damage === 0 ? nobody : voucher.card;
      const amount = voucher.amount + (damage === 1 ? 1n : 0n);
      const object = concatBytes(
        ...[new TextEncoder().encode("TLYX"), encodeDomain(domain), secp256k1.publicKeyCreate(key.key, true)],
        ...[new Uint8Array(8), bytes(voucher.counter, 4), voucher.payee, bytes(amount, 6), new Uint8Array(29)],
      );
      const y = secp256k1.publicKeyCreate(key.key, false).slice(33);
      if (damage === 2) y[31] = (y[31] ?? 0) ^ 1;
      const reversal = { object, ...sign(by, object) };
      const signed = { message, ...sign(voucher.card, message) };
      const request: ReleaseForRequest = {
        ...{ state, domain, voucher: signed, reversal, y, now, gapWordsAnItem, recover },
      };
      const values = [message, signed.r, signed.vs, object, y, reversal.r, reversal.vs];
      return { simulated: simulateReleaseFor(request), name: "releaseFor", values };
    }, time);
  }

  /** Of both vaults the same must come as was simulated for each. */
  private async onBoth(
    make: (
      side: Side,
      now: bigint,
    ) => { readonly simulated: SimulatedReturn; readonly name: string; readonly values: readonly unknown[] },
    time: bigint,
  ): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    for (const [index, side] of this.sides.entries()) {
      const now = time + BigInt(index);
      const { simulated, name, values } = make(side, now);
      const data = vaultInterface.encodeFunctionData(name, values.map(hexOf));
      const revert = await this.evm.revertOf(side.address, data, now);
      expect(revert === null ? null : errorName(revert)).toBe(errorOf(simulated.refused));
      outcomes.push(simulated.refused ?? "RETURNED");
      if (simulated.refused !== null) continue;
      await this.evm.nextBlockAt(now);
      expect((await this.evm.send(side.address, data)).status).toBe(true);
      side.state = VaultState.restore(simulated.after.save());
    }
    const [outcome, ...others] = outcomes;
    if (outcome === undefined) throw new Error("there is no vault to act on");
    expect(others).toEqual(others.map(() => outcome));
    return outcome;
  }

  /** Some hours on, and no second before a day's end, so that both vaults see one day. */
  private async drawTime(): Promise<bigint> {
    const time = (await this.evm.now()) + BigInt(1 + (this.draw(4) === 0 ? this.draw(9 * HOUR) : this.draw(60)));
    return (time + 2n) % DAY < 3n ? time + 5n : time;
  }

  private async appoint(payee: Uint8Array, unitsPerDay: bigint): Promise<void> {
    for (const side of this.sides) {
      await this.send(side, payee, "setDelegate", [toHex(delegate.address), unitsPerDay]);
      side.state.apply({ kind: "delegateSet", payee, delegate: delegate.address, unitsPerDay });
    }
  }

  private async keep(payee: Uint8Array, units: bigint): Promise<void> {
    for (const side of this.sides) {
      await this.send(side, payee, "setReserve", [units]);
      side.state.apply({ kind: "reserveSet", payee, units });
    }
  }

  private async withdraw(side: Side, payee: Uint8Array): Promise<void> {
    const units = side.state.withdrawableByOthers(payee);
    const data = vaultInterface.encodeFunctionData("withdraw", [toHex(payee)]);
    const { status } = await this.evm.send(side.address, data);
    expect(status).toBe(units > 0n);
    if (status) side.state.apply({ kind: "withdrawn", merchant: payee, to: payee, units });
  }

  private async send(side: Side, from: Uint8Array, name: string, values: readonly unknown[]): Promise<void> {
    const data = vaultInterface.encodeFunctionData(name, [...values]);
    expect((await this.evm.send(side.address, data, toHex(from))).status).toBe(true);
  }
}

function hexOf(value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

function errorName(data: string): string {
  return vaultInterface.parseError(data)?.name ?? data;
}

/** The interface's error for a refusal: its code in another spelling, save one. */
function errorOf(refusal: ReturnRefusal | null): string | null {
  if (refusal === null) return null;
  if (refusal === "ADVANCE_NEEDED") return "Advance";
  return refusal
    .split("_")
    .map((part) => part.charAt(0) + part.slice(1).toLowerCase())
    .join("");
}
