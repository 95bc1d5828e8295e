import { expect } from "@jest/globals";
import { Interface } from "ethers";
import secp256k1 from "secp256k1/bindings.js";
import {
  type Address,
  addressOfKey,
  concatBytes,
  digestOf,
  type Domain,
  encodeDomain,
  fromHex,
  parseAddress,
  toHex,
} from "@tallystick/protocol";
import { type Anvil, startAnvil } from "@tallystick/stack";
import { estimateSettleGas, type RecoverSigner, simulateSettle, VaultState } from "../../src/index.ts";
import { artifact, Evm } from "./evm.ts";

/** A card of the tests. */
export interface Card {
  readonly key: Uint8Array;
  readonly address: Address;
}

/** What becomes of an item's bytes after they were signed; 0 leaves them as they are. */
export type Damage = number;

export interface DrawnItem {
  readonly counter: number;
  readonly amount: bigint;
  readonly damage: Damage;
}

/** A group as a test wants it. */
export interface Drawn {
  readonly card: Card;
  readonly payee: Uint8Array;
  readonly items: readonly DrawnItem[];
}

export function bytes(value: number | bigint, length: number): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(2 * length, "0")}`);
}

export function testCard(secret: number): Card {
  const key = bytes(secret, 32);
  return { key, address: addressOfKey(secp256k1.publicKeyCreate(key, true)) };
}

/** By libsecp256k1, as another implementation than the simulator's own. */
export const recover: RecoverSigner = (digest, { r, s, parity }) => {
  try {
    return addressOfKey(secp256k1.ecdsaRecover(concatBytes(r, s), parity, digest, true));
  } catch {
    return null;
  }
};

export function sign(card: Card, message: Uint8Array): { r: Uint8Array; vs: Uint8Array } {
  const { signature, recid } = secp256k1.ecdsaSign(digestOf(message), card.key);
  const vs = signature.slice(32);
  vs[0] = (vs[0] ?? 0) | (recid << 7);
  return { r: signature.slice(0, 32), vs };
}

export function openingOf(domain: Domain, owner: string): Uint8Array {
  return concatBytes(new TextEncoder().encode("TLYO"), encodeDomain(domain), fromHex(owner.toLowerCase()));
}

const context = (counter: number): Uint8Array => bytes(counter, 20);

export function messageOf(
  domain: Domain,
  { payee, counter, amount }: { readonly payee: Uint8Array; readonly counter: number; readonly amount: bigint },
): Uint8Array {
  return concatBytes(
    new TextEncoder().encode("TLY1"),
    encodeDomain(domain),
    payee,
    bytes(counter, 4),
    bytes(amount, 6),
    context(counter),
  );
}

function itemBytes(domain: Domain, { card, payee }: Drawn, { counter, amount, damage }: DrawnItem): Uint8Array {
  const { r, vs } = sign(card, messageOf(domain, { payee, counter, amount }));
  const made = concatBytes(bytes(counter, 4), bytes(amount, 6), context(counter), r, vs);
  if (damage === 1) made[93] = (made[93] ?? 0) ^ 1;
  if (damage === 2) made[62] = (made[62] ?? 0) ^ 0x80;
  if (damage === 3) made[9] = (made[9] ?? 0) ^ 1;
  if (damage === 4) made.fill(0xff, 30, 62);
  if (damage === 5) made.fill(0, 62, 94);
  return made;
}

/** A payload, good or bad, with this table of payees; a group's payee is the first in it that is equal. */
export function payloadOf(domain: Domain, payees: readonly Uint8Array[], groups: readonly Drawn[]): Uint8Array {
  const parts = groups.map((drawn) => {
    const index = payees.findIndex((payee) => toHex(payee) === toHex(drawn.payee));
    const items = drawn.items.map((item) => itemBytes(domain, drawn, item));
    return concatBytes(bytes(index, 2), drawn.card.address, bytes(items.length, 2), ...items);
  });
  return concatBytes(new Uint8Array(64), bytes(payees.length, 2), ...payees, ...parts);
}

const vaultInterface = new Interface(artifact("IVault").abi);
const tokenInterface = new Interface(artifact("TestDollar").abi);

/** Damage is 0 unless said. */
export type Item = readonly [counter: number, amount: number | bigint, damage?: number];
/** The payee is the first of the table unless said. */
export type Group = readonly [card: Card, items: readonly Item[], payee?: Uint8Array];

/** What came of one payload: gas, and what became of each item. */
export interface Measured {
  readonly used: number;
  readonly estimate: number;
  readonly outcomes: readonly string[];
}

/** A packed vault on a node of its own, with the state that the simulator thinks it has. */
export class LoneVault {
  private readonly evm: Evm;
  private readonly anvil: Anvil;
  private readonly vault: string;
  private readonly domain: Domain;
  private state = new VaultState();
  private secret = 0x6a5000;

  private constructor(anvil: Anvil, evm: Evm, vault: string) {
    this.anvil = anvil;
    this.evm = evm;
    this.vault = vault;
    this.domain = { chainId: BigInt(anvil.chainId), vault: parseAddress(vault) };
  }

  /** On a chain by the newest rules that the node knows, unless others are named. */
  static async start(hardfork?: string): Promise<LoneVault> {
    const anvil = await startAnvil({ blockTimeSeconds: 0, ...(hardfork === undefined ? {} : { hardfork }) });
    const evm = new Evm(anvil.rpc, anvil.accounts[0]?.address ?? "");
    const token = await evm.deploy("TestDollar");
    await evm.send(token, tokenInterface.encodeFunctionData("mint", [evm.sender, 10n ** 18n]));
    const vault = await evm.deploy("PackedVault", token, 1n);
    await evm.send(token, tokenInterface.encodeFunctionData("approve", [vault, 10n ** 18n]));
    return new LoneVault(anvil, evm, vault);
  }

  async stop(): Promise<void> {
    await this.anvil.stop();
  }

  async fund(card: Card, units: bigint): Promise<void> {
    await this.send("fund", [toHex(card.address), units]);
    this.state.apply({ kind: "funded", card: card.address, from: fromHex(this.evm.sender.toLowerCase()), units });
  }

  /** A card that no test had before, opened and funded. */
  async openCard(units = 1_000_000n): Promise<Card> {
    const card = testCard(this.secret);
    this.secret += 1;
    const { r, vs } = sign(card, openingOf(this.domain, this.evm.sender));
    await this.send("open", [toHex(card.address), this.evm.sender, toHex(r), toHex(vs)]);
    this.state.apply({ kind: "opened", card: card.address, owner: fromHex(this.evm.sender.toLowerCase()) });
    await this.fund(card, units);
    return card;
  }

  /** Settles a payload, which must come out as it was simulated. */
  async settle(payees: readonly Uint8Array[], groups: readonly Group[]): Promise<Measured> {
    const { domain, state } = this;
    const payload = payloadOf(
      domain,
      payees,
      groups.map((group) => drawnOf(group, payees)),
    );
    const simulated = simulateSettle({ state, domain, payload, recover });
    const estimate = Number(estimateSettleGas(payload, simulated, state));
    const receipt = await this.send("settle", [payload]);
    const log = vaultInterface.parseLog(receipt.logs[0] ?? { topics: [], data: "0x" });
    expect(log?.args["result"]).toBe(toHex(simulated.result));
    this.state = VaultState.restore(simulated.after.save());
    const outcomes = simulated.items.map(({ skipped, late }) => skipped ?? (late ? "LATE" : "PAID"));
    return { used: Number(receipt.gasUsed), estimate, outcomes: [...new Set(outcomes)] };
  }

  private async send(name: string, values: readonly unknown[]) {
    return await this.evm.send(this.vault, vaultInterface.encodeFunctionData(name, [...values]));
  }
}

function drawnOf([card, items, payee]: Group, [first = new Uint8Array(20)]: readonly Uint8Array[]): Drawn {
  return {
    card,
    payee: payee ?? first,
    items: items.map(([counter, amount, damage = 0]) => ({ counter, amount: BigInt(amount), damage })),
  };
}
