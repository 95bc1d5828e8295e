import { freePort, type Pcscd } from "@tallystick/stack";

/**
 * A place where a card can be put: a PC/SC reader of our own pcscd, or, on machines without the virtual driver, a socket
 * on which cardhost itself serves as the reader.
 */
export interface ReaderSlot {
  readonly name: string;
  /** How cardhost reaches it. */
  readonly cardhost: { readonly port: number; readonly listen: boolean };
  /** How the apps reach it. */
  readonly pcscSocket: string | null;
  readonly vpcd: { readonly host: string; readonly port: number } | null;
}

/** The readers of a pcscd, or as many direct sockets where there is none. */
export async function readerSlots(pcscd: Pcscd | undefined, count: number): Promise<ReaderSlot[]> {
  if (pcscd !== undefined) {
    return pcscd.readers.slice(0, count).map((reader) => ({
      name: reader.name,
      cardhost: { port: reader.port, listen: false },
      pcscSocket: pcscd.socket,
      vpcd: null,
    }));
  }
  const slots: ReaderSlot[] = [];
  for (let index = 0; index < count; index += 1) {
    const port = await freePort();
    slots.push({
      name: `direct ${index + 1}`,
      cardhost: { port, listen: true },
      pcscSocket: null,
      vpcd: { host: "127.0.0.1", port },
    });
  }
  return slots;
}
