import { expect } from "@jest/globals";
import { Interface } from "ethers";
import { type Domain, fromHex, parseAddress, toHex } from "@tallystick/protocol";
import { type Anvil, startAnvil } from "@tallystick/stack";
import { estimateSettleGas, simulateSettle, VaultState } from "../src/index.ts";
import { artifact, Evm } from "./evm.ts";
import { type Card, type Drawn, openingOf, payloadOf, recover, sign, testCard } from "./payloads.ts";

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

  static async start(): Promise<LoneVault> {
    const anvil = await startAnvil({ blockTimeSeconds: 0 });
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
    const log = vaultInterface.parseLog(receipt.logs[0] as { topics: string[]; data: string });
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
