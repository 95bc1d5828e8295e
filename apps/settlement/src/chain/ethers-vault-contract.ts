import { toAddress, toHex, withParity } from "@tallystick/protocol";
import { encodeSettlePayload, tokenAbi, vaultAbi, type SettleGroup } from "@tallystick/vault";
import { Interface, getBytes, type InterfaceAbi, type LogDescription, type Result } from "ethers";
import type { BlockTag, ChainLog, ChainRpc } from "./chain-rpc.ts";
import { readPayloadItems } from "./payload-items.ts";
import type {
  CardSlot,
  MerchantSlot,
  PayloadItem,
  PlacedEvent,
  SettleVoucher,
  SignedVoucher,
  VaultContract,
  VaultEvent,
} from "./vault-contract.ts";

const vaultInterface = new Interface(vaultAbi as unknown as InterfaceAbi);
const tokenInterface = new Interface(tokenAbi as unknown as InterfaceAbi);
/** Words of 256 counters one advance may write: what a card's lead of 1,024 counters needs, and some. */
const ADVANCE_WORDS = 8;
const MAX_UINT256 = (1n << 256n) - 1n;

/** The vault and its token through an RPC, with the ABI of packages/vault. */
export class EthersVaultContract implements VaultContract {
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  private readonly scale: bigint;
  private readonly rpc: ChainRpc;

  constructor(options: { vault: string; token: string; scale: bigint; rpc: ChainRpc }) {
    this.vault = getBytes(options.vault);
    this.token = getBytes(options.token);
    this.scale = options.scale;
    this.rpc = options.rpc;
  }

  encodeApprove(): Uint8Array {
    return encode(tokenInterface, "approve", [toHex(this.vault), MAX_UINT256]);
  }

  encodeOpen(opening: { card: Uint8Array; owner: Uint8Array; signature: Uint8Array; parity: 0 | 1 }): Uint8Array {
    const signature = withParity(opening.signature, opening.parity);
    return encode(vaultInterface, "open", [
      toHex(opening.card),
      toHex(opening.owner),
      toHex(signature.subarray(0, 32)),
      toHex(signature.subarray(32)),
    ]);
  }

  encodeFund(deposit: { card: Uint8Array; units: bigint }): Uint8Array {
    return encode(vaultInterface, "fund", [toHex(deposit.card), deposit.units]);
  }

  encodePayload(batch: { batchRoot: Uint8Array; ledgerRoot: Uint8Array; vouchers: readonly SettleVoucher[] }): {
    payload: Uint8Array;
    order: readonly number[];
  } {
    const groups = new Map<string, { group: SettleGroup; indices: number[] }>();
    batch.vouchers.forEach((voucher, index) => {
      const name = `${toHex(voucher.payee)}${toHex(voucher.card)}`;
      const known = groups.get(name);
      const item = { ...voucher, counter: Number(voucher.counter), context: Uint8Array.from(voucher.context) };
      if (known === undefined) {
        const group = { payee: toAddress(voucher.payee), card: toAddress(voucher.card), vouchers: [item] };
        groups.set(name, { group, indices: [index] });
        return;
      }
      groups.set(name, {
        group: { ...known.group, vouchers: [...known.group.vouchers, item] },
        indices: [...known.indices, index],
      });
    });
    const parts = [...groups.values()];
    const payload = encodeSettlePayload({
      batchRoot: batch.batchRoot,
      ledgerRoot: batch.ledgerRoot,
      groups: parts.map(({ group }) => group),
    });
    return { payload, order: parts.flatMap(({ indices }) => indices) };
  }

  encodeSettle(payload: Uint8Array): Uint8Array {
    return encode(vaultInterface, "settle", [payload]);
  }

  encodeAdvance(voucher: SignedVoucher): Uint8Array {
    const { message, r, vs } = signedMessage(voucher);
    return encode(vaultInterface, "advance", [message, r, vs, ADVANCE_WORDS]);
  }

  encodeProveEquivocation(first: SignedVoucher, second: SignedVoucher): Uint8Array {
    return encode(vaultInterface, "proveEquivocation", [signedMessage(first), signedMessage(second)]);
  }

  encodeWithdraw(payee: Uint8Array): Uint8Array {
    return encode(vaultInterface, "withdraw", [toHex(payee)]);
  }

  encodeTransfer(transfer: { to: Uint8Array; units: bigint }): Uint8Array {
    return encode(tokenInterface, "transfer", [toHex(transfer.to), transfer.units * this.scale]);
  }

  payloadOfCalldata(calldata: Uint8Array): Uint8Array | null {
    try {
      return getBytes(vaultInterface.decodeFunctionData("settle", calldata)[0] as string);
    } catch {
      return null;
    }
  }

  decodePayload(payload: Uint8Array): readonly PayloadItem[] {
    return readPayloadItems(payload);
  }

  isPaid(result: Uint8Array, index: number): boolean {
    return (((result[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
  }

  async card(card: Uint8Array, tag: BlockTag): Promise<CardSlot> {
    const slot = await this.read(vaultInterface, this.vault, "card", [toHex(card)], tag);
    const owner = getBytes(slot["owner"] as string);
    const opened = owner.some((byte) => byte !== 0);
    return {
      opened,
      owner: opened ? owner : null,
      balance: slot["balance"] as bigint,
      paid: slot["paid"] as bigint,
      flagged: slot["flagged"] as boolean,
      pending: slot["pending"] as bigint,
      readyAt: slot["readyAt"] as bigint,
    };
  }

  async merchant(payee: Uint8Array, tag: BlockTag): Promise<MerchantSlot> {
    const slot = await this.read(vaultInterface, this.vault, "merchant", [toHex(payee)], tag);
    return { earned: slot["earned"] as bigint, withdrawn: slot["withdrawn"] as bigint };
  }

  async tokenBalance(holder: Uint8Array, tag: BlockTag): Promise<bigint> {
    const [balance] = await this.read(tokenInterface, this.token, "balanceOf", [toHex(holder)], tag);
    return balance as bigint;
  }

  async events(range: { from: bigint; to: bigint; treasury: Uint8Array }): Promise<readonly PlacedEvent[]> {
    const transfer = getBytes(tokenInterface.getEvent("Transfer")?.topicHash ?? "0x");
    const holder = Buffer.concat([Buffer.alloc(12), range.treasury]);
    const { from, to } = range;
    const [own, outgoing, incoming] = await Promise.all([
      this.rpc.logs({ from, to, address: this.vault }),
      this.rpc.logs({ from, to, address: this.token, topics: [transfer, holder] }),
      this.rpc.logs({ from, to, address: this.token, topics: [transfer, null, holder] }),
    ]);
    const placed = new Map<string, PlacedEvent>();
    for (const log of [...own, ...outgoing, ...incoming]) {
      const event = this.parse(log);
      if (event !== null) placed.set(`${log.blockNumber}:${log.logIndex}`, { event, log });
    }
    return [...placed.values()].sort(
      (left, right) => Number(left.log.blockNumber - right.log.blockNumber) || left.log.logIndex - right.log.logIndex,
    );
  }

  private parse(log: ChainLog): VaultEvent | null {
    const own = Buffer.from(log.address).equals(this.vault);
    const parsed = (own ? vaultInterface : tokenInterface).parseLog({
      topics: log.topics.map((topic) => toHex(topic)),
      data: toHex(log.data),
    });
    return parsed === null ? null : (parsers[parsed.name]?.(parsed) ?? null);
  }

  private async read(
    abi: Interface,
    to: Uint8Array,
    name: string,
    values: readonly unknown[],
    tag: BlockTag,
  ): Promise<Result> {
    const answer = await this.rpc.call({ to, data: encode(abi, name, values) }, tag);
    return abi.decodeFunctionResult(name, answer);
  }
}

const bytesOf = (log: LogDescription, field: string): Uint8Array => getBytes(log.args[field] as string);
const numberOf = (log: LogDescription, field: string): bigint => BigInt(log.args[field] as bigint);

const parsers: Readonly<Record<string, (log: LogDescription) => VaultEvent>> = {
  Opened: (log) => ({ kind: "opened", card: bytesOf(log, "card"), owner: bytesOf(log, "owner") }),
  Funded: (log) => ({
    kind: "funded",
    card: bytesOf(log, "card"),
    funder: bytesOf(log, "from"),
    units: numberOf(log, "units"),
  }),
  Settled: (log) => {
    const payload = bytesOf(log, "payload");
    return {
      kind: "settled",
      submitter: bytesOf(log, "submitter"),
      payloadHash: bytesOf(log, "payloadHash"),
      result: bytesOf(log, "result"),
      payload: payload.length === 0 ? null : payload,
    };
  },
  Withdrawn: (log) => ({
    kind: "withdrawn",
    payee: bytesOf(log, "merchant"),
    to: bytesOf(log, "to"),
    units: numberOf(log, "units"),
  }),
  Refunded: (log) => ({
    kind: "refunded",
    payee: bytesOf(log, "merchant"),
    card: bytesOf(log, "card"),
    units: numberOf(log, "units"),
    fromEarnings: numberOf(log, "fromEarnings"),
  }),
  Released: (log) => ({
    kind: "released",
    card: bytesOf(log, "card"),
    payee: bytesOf(log, "payee"),
    counter: numberOf(log, "counter"),
    units: numberOf(log, "units"),
  }),
  Voided: (log) => ({ kind: "voided", card: bytesOf(log, "card"), counter: numberOf(log, "counter") }),
  WithdrawalRequested: (log) => ({
    kind: "withdrawalRequested",
    card: bytesOf(log, "card"),
    units: numberOf(log, "units"),
    readyAt: numberOf(log, "readyAt"),
  }),
  WithdrawalCancelled: (log) => ({ kind: "withdrawalCancelled", card: bytesOf(log, "card") }),
  CardWithdrawn: (log) => ({
    kind: "cardWithdrawn",
    card: bytesOf(log, "card"),
    to: bytesOf(log, "owner"),
    units: numberOf(log, "units"),
  }),
  EquivocationProved: (log) => ({ kind: "equivocation", card: bytesOf(log, "card") }),
  Transfer: (log) => ({
    kind: "transfer",
    from: bytesOf(log, "from"),
    to: bytesOf(log, "to"),
    baseUnits: numberOf(log, "value"),
  }),
};

function signedMessage(voucher: SignedVoucher): { message: string; r: string; vs: string } {
  const marked = withParity(voucher.signature, voucher.parity);
  return { message: toHex(voucher.message), r: toHex(marked.subarray(0, 32)), vs: toHex(marked.subarray(32)) };
}

function encode(abi: Interface, name: string, values: readonly unknown[]): Uint8Array {
  return getBytes(abi.encodeFunctionData(name, [...values]));
}
