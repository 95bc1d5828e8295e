import { VPCD_CONNECT_TIMEOUT_MS } from "../reader/limits.ts";
import { createReaderProvider } from "../reader/create-reader-provider.ts";
import type { CardHandle, ReaderBinding } from "../reader/reader-binding.ts";
import { isReaderError, ReaderError } from "../reader/reader-error.ts";
import type { ReaderProvider, ReaderStatus } from "../reader/reader.ts";
import { withTimeLimit } from "../reader/time.ts";
import { VPCD_CONTROL } from "./vpcd-message.ts";
import { openVpcdSocket, type VpcdSocket } from "./vpcd-socket.ts";

/** A card host that listens, by the name under which its reader is to appear. */
export interface VpcdReaderAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Readers for machines without the virtual PC/SC driver: each is a card host in listening mode.
 * Such a reader has one connection at a time, whatever the share mode; a card host that does not
 * run is an absent card.
 */
export function createVpcdProvider(readers: readonly VpcdReaderAddress[]): ReaderProvider {
  return createReaderProvider(createVpcdBinding(readers));
}

const control = (code: number) => Uint8Array.of(code);

function createVpcdBinding(addresses: readonly VpcdReaderAddress[]): ReaderBinding {
  const held = new Map<string, VpcdHandle>();
  return {
    list: () => Promise.all(addresses.map((address) => statusOf(address, held.get(address.name)))),
    connect: async (name) => {
      const address = addresses.find((candidate) => candidate.name === name);
      if (address === undefined) throw new ReaderError("READER_UNKNOWN", { reader: name });
      if (held.has(name)) throw new ReaderError("READER_IN_USE", { reader: name });
      const handle = new VpcdHandle(address, () => held.delete(name));
      held.set(name, handle);
      try {
        await handle.open();
      } catch (error) {
        handle.disconnect();
        throw error;
      }
      return handle;
    },
    close: () => {
      for (const handle of held.values()) handle.disconnect();
    },
  };
}

async function statusOf(address: VpcdReaderAddress, held: VpcdHandle | undefined): Promise<ReaderStatus> {
  const inUse = held !== undefined;
  if (inUse && held.isOpen) return { name: address.name, card: "present", atr: held.atr, inUse };
  try {
    const { socket, atr } = await greet(address);
    socket.close();
    return { name: address.name, card: "present", atr, inUse };
  } catch (error) {
    const card = isReaderError(error, "CARD_MUTE") ? "mute" : "absent";
    return { name: address.name, card, atr: null, inUse };
  }
}

/** Connects, powers the card on and asks its answer to reset. */
async function greet(address: VpcdReaderAddress): Promise<{ socket: VpcdSocket; atr: Uint8Array }> {
  const timeoutMs = VPCD_CONNECT_TIMEOUT_MS;
  const socket = await openVpcdSocket({ ...address, reader: address.name, timeoutMs });
  try {
    socket.send(control(VPCD_CONTROL.powerOn));
    const asked = socket.request(control(VPCD_CONTROL.getAtr));
    return { socket, atr: await withTimeLimit(asked, { timeoutMs, reader: address.name }) };
  } catch (error) {
    socket.close();
    // A host that closes at once serves somebody else.
    throw isReaderError(error, "TORN") ? new ReaderError("READER_IN_USE", { reader: address.name }) : error;
  }
}

class VpcdHandle implements CardHandle {
  readonly #address: VpcdReaderAddress;
  readonly #onClose: () => void;
  #socket: VpcdSocket | null = null;
  #atr: Uint8Array = new Uint8Array(0);

  constructor(address: VpcdReaderAddress, onClose: () => void) {
    this.#address = address;
    this.#onClose = onClose;
  }

  get atr(): Uint8Array {
    return this.#atr;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  async open(): Promise<void> {
    const { socket, atr } = await greet(this.#address);
    this.#socket = socket;
    this.#atr = atr;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (this.#socket === null) throw new ReaderError("CARD_REMOVED", { reader: this.#address.name });
    return this.#socket.request(command);
  }

  async reset(): Promise<void> {
    if (this.isOpen) this.#socket?.send(control(VPCD_CONTROL.reset));
    else await this.open();
  }

  mayReset(): boolean {
    return true;
  }

  disconnect(): void {
    this.#socket?.close();
    this.#socket = null;
    this.#onClose();
  }
}
