import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Address,
  addressOfKey,
  decodeSignature,
  digestOf,
  type Domain,
  encodeDomain,
  encodeOpening,
  encodeSignature,
  encodeVoucherMessage,
  fromHex,
  parseAddress,
  signatureParity,
  toHex,
  withParity,
} from "@tallystick/protocol";
import {
  type Anvil,
  callRpc,
  deployOnAnvil,
  makeWorkFolder,
  startAnvil,
  type VaultOnAnvil,
  type WorkFolder,
} from "@tallystick/stack";
import { proveEquivocationCall, tokenAbi, vaultAbi } from "@tallystick/vault";
import { Contract, JsonRpcProvider, Wallet } from "ethers";
import type { GatewayConfig, ServedDomain } from "../../../src/config/gateway-config.ts";
import type { TestCard } from "../test-card.ts";
import { asset, servedDomain, signCertificate, TestTerminal } from "../test-terminal.ts";

/** Base units that are minted to the account that funds the cards. */
const MINTED = 1_000_000_000_000n;

/**
 * A chain of a test's own with the vault and a test dollar; every transaction is a block at once.
 */
export class TestChain {
  readonly anvil: Anvil;
  readonly domain: Domain;
  readonly token: string;
  /** The block in which the vault was deployed. */
  readonly block: bigint;
  readonly provider: JsonRpcProvider;
  /** Pays the gas and funds the cards. */
  readonly payer: Wallet;
  /** The merchant's own account. */
  readonly merchant: Wallet;
  private readonly folder: WorkFolder;

  private constructor(anvil: Anvil, folder: WorkFolder, deployed: VaultOnAnvil) {
    this.anvil = anvil;
    this.folder = folder;
    this.domain = { chainId: BigInt(deployed.chainId), vault: parseAddress(deployed.vault) };
    this.token = deployed.token;
    this.block = BigInt(deployed.block);
    this.provider = new JsonRpcProvider(anvil.rpc, undefined, {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: 50,
    });
    this.payer = new Wallet(this.key(0), this.provider);
    this.merchant = new Wallet(this.key(1), this.provider);
  }

  static async start(): Promise<TestChain> {
    const anvil = await startAnvil({ blockTimeSeconds: 0 });
    const folder = makeWorkFolder("terminal-chain");
    return new TestChain(anvil, folder, await deployOnAnvil(anvil, { mint: MINTED }));
  }

  async stop(): Promise<void> {
    this.provider.destroy();
    await this.anvil.stop();
    this.folder.remove();
  }

  /** Private key of one of the node's accounts: 0 pays and funds, 1 is the merchant's. */
  key(index: number): string {
    const key = this.anvil.accounts[index]?.privateKey;
    if (key === undefined) throw new Error(`anvil has no account ${index}`);
    return key;
  }

  /** A key file as a configuration names it. */
  keyFile(index: number): string {
    const path = join(this.folder.path, `account-${index}.json`);
    writeFileSync(path, JSON.stringify({ privateKey: this.key(index) }), { mode: 0o600 });
    return path;
  }

  /** Makes everything so far final: `finalized` stands two blocks behind the newest. */
  async finalize(): Promise<void> {
    await callRpc(this.anvil.rpc, "anvil_mine", ["0x3"]);
  }

  /** Calls the vault, or its token, with an account's key; in a block when this resolves. */
  async send(from: Wallet, to: "vault" | "token", name: string, ...values: readonly unknown[]): Promise<void> {
    const contract = this.contract(to).connect(from) as Contract;
    const nonce = await this.provider.getTransactionCount(from.address, "latest");
    const response = (await contract.getFunction(name)(...values, { nonce })) as { wait(): Promise<unknown> };
    await response.wait();
  }

  async read<T>(from: "vault" | "token", name: string, ...values: readonly unknown[]): Promise<T> {
    return (await this.contract(from).getFunction(name)(...values)) as T;
  }

  /** Units behind a card. */
  async balanceOf(card: TestCard): Promise<bigint> {
    const slot = await this.read<{ readonly balance: bigint }>(
      "vault",
      "card",
      toHex(addressOfKey(card.signer.publicKey)),
    );
    return slot.balance;
  }

  /** Units that the vault owes the merchant. */
  async owed(): Promise<bigint> {
    const slot = await this.read<{ readonly earned: bigint; readonly withdrawn: bigint }>(
      "vault",
      "merchant",
      this.merchant.address,
    );
    return slot.earned - slot.withdrawn;
  }

  /** The merchant's tokens. */
  async held(): Promise<bigint> {
    return await this.read<bigint>("token", "balanceOf", this.merchant.address);
  }

  /** Opens a card in the vault and puts money behind it. */
  async fund(card: TestCard, units: bigint): Promise<void> {
    const address = toHex(addressOfKey(card.signer.publicKey));
    const owner = parseAddress(this.payer.address.toLowerCase());
    const digest = digestOf(encodeOpening({ domain: this.domain, owner }));
    const signature = encodeSignature(decodeSignature(await card.signer.sign(digest)));
    const carried = withParity(signature, signatureParity(signature, digest, card.signer.publicKey));
    const [r, vs] = [toHex(carried.slice(0, 32)), toHex(carried.slice(32))];
    await this.send(this.payer, "vault", "open", address, this.payer.address, r, vs);
    await this.send(this.payer, "token", "approve", toHex(this.domain.vault), units);
    await this.send(this.payer, "vault", "fund", address, units);
  }

  /** Proves to the vault that a card has signed two payments with one number. */
  async convict(card: TestCard): Promise<void> {
    const signed = async (amount: bigint) => {
      const context = new Uint8Array(20);
      const message = {
        domain: this.domain,
        payee: parseAddress(this.merchant.address.toLowerCase()),
        counter: 9,
        amount,
      };
      const bytes = encodeVoucherMessage({ ...message, context });
      const signature = encodeSignature(decodeSignature(await card.signer.sign(digestOf(bytes))));
      return { message: bytes, signature, parity: signatureParity(signature, digestOf(bytes), card.signer.publicKey) };
    };
    const data = toHex(proveEquivocationCall(await signed(1n), await signed(2n)));
    const nonce = await this.provider.getTransactionCount(this.payer.address, "latest");
    await (await this.payer.sendTransaction({ to: toHex(this.domain.vault), data, nonce })).wait();
  }

  /** A terminal of this vault, whose payee is the merchant. */
  async makeTerminal(
    changes: Partial<GatewayConfig> = {},
    domainChanges: Partial<ServedDomain> = {},
  ): Promise<{ readonly terminal: TestTerminal; readonly served: ServedDomain }> {
    const payee: Address = parseAddress(this.merchant.address.toLowerCase());
    const { domain } = this;
    const certificate = await signCertificate({ domain, payee });
    const served = await servedDomain({
      domain,
      domainBytes: encodeDomain(domain),
      certificate,
      asset,
      ...domainChanges,
    });
    const terminal = await TestTerminal.make({ payee, domains: [served], ...changes }, { list: false });
    await terminal.offerList({ domain });
    return { terminal, served };
  }

  /**
   * Lets the token undo every transferFrom, as one does whose issuer has blocked an account;
   * answers how to end that.
   */
  async blockTransfers(): Promise<() => Promise<void>> {
    const code = await this.provider.getCode(this.token);
    const behind = `0x${"be".repeat(20)}`;
    await callRpc(this.anvil.rpc, "anvil_setCode", [behind, code]);
    // transferFrom reverts; everything else is delegated to the token's own code.
    const guard = `0x5f3560e01c6323b872dd14603457365f5f375f5f365f73${behind.slice(2)}5af43d5f5f3e6038575b3d5ffd5b3d5ff3`;
    await callRpc(this.anvil.rpc, "anvil_setCode", [this.token, guard]);
    return async () => {
      await callRpc(this.anvil.rpc, "anvil_setCode", [this.token, code]);
    };
  }

  private contract(which: "vault" | "token"): Contract {
    return which === "vault"
      ? new Contract(toHex(this.domain.vault), vaultAbi, this.provider)
      : new Contract(this.token, tokenAbi, this.provider);
  }
}

/** Bytes of one of the node's keys. */
export function keyBytes(chain: TestChain, index: number): Uint8Array {
  return fromHex(chain.key(index), 32);
}
