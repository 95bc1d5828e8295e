import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { CardChannel, CardConnection, ReaderProvider } from "@tallystick/apdu";
import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { createPcscdProvider } from "@tallystick/apdu/pcscd";
import { createPcscliteProvider } from "@tallystick/apdu/pcsclite";
import { CARD_WAIT_MS, RESPONSE_BYTES } from "../limits.ts";

/** The ways to one card through packages/apdu, and through the libraries alone, all connected, all shared. */
export interface ApduWays {
  readonly smartcard: CardChannel;
  readonly pcsclite: CardChannel;
  readonly pcscd: CardChannel;
  readonly bareSmartcard: CardChannel;
  readonly barePcsclite: CardChannel;
  readonly close: () => Promise<void>;
}

/** PC/SC's numbers for a shared connection over any protocol. */
const pcsc = { shared: 2, anyProtocol: 3 } as const;

interface BareSmartcard {
  readonly Context: new () => {
    listReaders(): readonly { name: string; connect(share: number, protocol: number): Promise<BareCard> }[];
  };
}
interface BareCard {
  transmit(command: Buffer, options: { readonly maxRecvLength: number }): Promise<Buffer>;
}
interface BareReader {
  readonly name: string;
  on(event: string, listener: () => void): void;
  connect(options: object, done: (error: unknown, protocol: number) => void): void;
  transmit(command: Buffer, room: number, protocol: number, done: (error: unknown, answer: Buffer) => void): void;
}
interface BareWatch {
  on(event: "error", listener: () => void): void;
  on(event: "reader", listener: (reader: BareReader) => void): void;
}

/** The libraries as packages/apdu has them; nothing else in this repository may use them. */
const library = createRequire(fileURLToPath(import.meta.resolve("@tallystick/apdu/pcsc")));

/** Connects to the card in a reader in every way. The service is the one that PCSCLITE_CSOCK_NAME names. */
export async function openWays(reader: string, socket: string): Promise<ApduWays> {
  const providers = [createPcscProvider(), createPcscliteProvider(), createPcscdProvider({ socket })] as const;
  const connections = await Promise.all(providers.map((provider) => connectBy(provider, reader)));
  const [smartcard, pcsclite, pcscd] = connections.map(({ transmit }) => transmit) as [
    CardChannel,
    CardChannel,
    CardChannel,
  ];
  return {
    smartcard,
    pcsclite,
    pcscd,
    bareSmartcard: await connectBareSmartcard(reader),
    barePcsclite: await connectBarePcsclite(reader),
    close: async () => {
      await Promise.all(providers.map((provider) => provider.close()));
    },
  };
}

async function connectBy(provider: ReaderProvider, name: string): Promise<CardConnection> {
  const reader = provider.reader(name);
  await reader.waitForCard({ timeoutMs: CARD_WAIT_MS });
  return await reader.connect({ share: "shared" });
}

/** The libraries let a card go when the object that found its reader is collected. */
const kept: unknown[] = [];

async function connectBareSmartcard(name: string): Promise<CardChannel> {
  const { Context } = library("smartcard") as BareSmartcard;
  const context = new Context();
  const reader = context.listReaders().find((candidate) => candidate.name === name);
  if (reader === undefined) throw new Error(`the library smartcard does not see ${name}`);
  const card = await reader.connect(pcsc.shared, pcsc.anyProtocol);
  kept.push(context, reader, card);
  const options = { maxRecvLength: RESPONSE_BYTES };
  return (command) => card.transmit(command as Buffer, options);
}

async function connectBarePcsclite(name: string): Promise<CardChannel> {
  const watch = (library("pcsclite") as () => BareWatch)();
  const reader = await new Promise<BareReader>((resolve, reject) => {
    watch.on("error", () => reject(new Error("the library pcsclite sees no service")));
    watch.on("reader", (found) => {
      found.on("error", () => undefined);
      if (found.name === name) found.on("status", () => resolve(found));
    });
  });
  kept.push(watch, reader);
  const protocol = await new Promise<number>((resolve, reject) => {
    reader.connect({ share_mode: pcsc.shared, protocol: pcsc.anyProtocol }, (error, value) =>
      error === null || error === undefined ? resolve(value) : reject(error as Error),
    );
  });
  return (command) =>
    new Promise((resolve, reject) => {
      reader.transmit(command as Buffer, RESPONSE_BYTES, protocol, (error, answer) =>
        error === null || error === undefined ? resolve(answer) : reject(error as Error),
      );
    });
}
