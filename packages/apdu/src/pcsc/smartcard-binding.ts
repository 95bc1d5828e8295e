import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  Context,
  FEATURE_CCID_ESC_COMMAND,
  parseFeatures,
  SCARD_CTL_CODE,
  SCARD_LEAVE_CARD,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_RESET_CARD,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
} from "smartcard";
import type { CardInterface, ContextInterface } from "smartcard";
import { asBuffer, bytesOf } from "../iso7816/bytes.ts";
import { isExtendedEncoding } from "../iso7816/command-apdu.ts";
import { RESPONSE_BYTES_MAX, SHORT_RESPONSE_ROOM_BYTES } from "../iso7816/limits.ts";
import { createReaderProvider } from "../reader/create-reader-provider.ts";
import type { CardHandle, ReaderBinding } from "../reader/reader-binding.ts";
import { isReaderError, ReaderError } from "../reader/reader-error.ts";
import type { ReaderProvider, ReaderStatus, ShareMode } from "../reader/reader.ts";
import { createPcscdBinding } from "./pcscd-binding.ts";
import { pcscError, type PcscCall, type PcscReason } from "./pcsc-error.ts";

/**
 * Readers of the PC/SC service of this machine (on Linux the one at PCSCLITE_CSOCK_NAME, read once
 * by the library).
 */
export function createPcscProvider(): ReaderProvider {
  return createReaderProvider(createSmartcardBinding());
}

/** The library throws plain errors and names the PC/SC return code only by its text. */
const REASONS: ReadonlyMap<string, PcscReason> = new Map([
  ["Operation cancelled", "cancelled"],
  ["Communication error", "comm-error"],
  ["Invalid handle", "invalid-handle"],
  ["No readers available", "no-readers"],
  ["PC/SC service not running", "no-service"],
  ["PC/SC service stopped", "service-stopped"],
  ["No smart card present", "no-smartcard"],
  ["Transaction failed", "not-transacted"],
  ["Reader unavailable", "reader-unavailable"],
  ["Card was removed", "removed-card"],
  ["Card was reset", "reset-card"],
  ["Sharing violation", "sharing-violation"],
  ["Operation timed out", "timeout"],
  ["Unknown reader", "unknown-reader"],
  ["Card is unpowered", "unpowered-card"],
  ["Card is unresponsive", "unresponsive-card"],
  ["Card is not supported", "unsupported-card"],
  ["Protocol mismatch", "unsupported-card"],
  ["System cancelled operation", "cancelled"],
  ["Unknown card type", "unsupported-card"],
]);

const SHARE_MODES: { readonly [share in ShareMode]: number } = {
  exclusive: SCARD_SHARE_EXCLUSIVE,
  shared: SCARD_SHARE_SHARED,
};

function createSmartcardBinding(): ReaderBinding {
  let watching: ContextInterface | null = null;
  const forget = () => {
    watching?.close();
    watching = null;
  };
  return {
    list: async () => {
      try {
        watching ??= new Context();
        return watching.listReaders().map(statusOf);
      } catch {
        // The context may belong to a daemon that was restarted; a fresh one shows whether there is
        // a daemon at all.
        forget();
      }
      try {
        watching = new Context();
        return watching.listReaders().map(statusOf);
      } catch (error) {
        forget();
        throw await causeOf(translate(error, "list"));
      }
    },
    connect: (name, share) => connect(name, share),
    close: forget,
  };
}

/**
 * Why there is no service, which the library does not tell: one that hangs up on this program, or speaks otherwise, looks
 * to it like none. Its socket tells; on systems without one the library's word stands.
 */
async function causeOf(error: ReaderError): Promise<ReaderError> {
  const socket = process.env["PCSCLITE_CSOCK_NAME"];
  const binding = createPcscdBinding(socket === undefined ? {} : { socket });
  try {
    await binding.list();
    return error;
  } catch (found) {
    return isReaderError(found, "NO_SERVICE") ? found : error;
  } finally {
    binding.close();
  }
}

function statusOf(reader: ReturnType<ContextInterface["listReaders"]>[number]): ReaderStatus {
  const has = (bit: number) => (reader.state & bit) !== 0;
  const atr = reader.atr;
  return {
    name: reader.name,
    card: has(SCARD_STATE_MUTE) ? "mute" : has(SCARD_STATE_PRESENT) ? "present" : "absent",
    atr: atr === null ? null : Uint8Array.from(atr),
    inUse: has(SCARD_STATE_INUSE) || has(SCARD_STATE_EXCLUSIVE),
  };
}

const SHORT_ROOM = { maxRecvLength: SHORT_RESPONSE_ROOM_BYTES };
const LONG_ROOM = { maxRecvLength: RESPONSE_BYTES_MAX };
const roomFor = (command: Uint8Array) => (isExtendedEncoding(command) ? LONG_ROOM : SHORT_ROOM);

/**
 * Every connection has a context of its own: the client library lets one call into a context at a
 * time, so that a mute card would otherwise block all other readers, and a disconnect would block
 * the event loop.
 */
async function connect(name: string, share: ShareMode): Promise<CardHandle> {
  let context: ContextInterface | null = null;
  try {
    context = new Context();
    const reader = context.listReaders().find((candidate) => candidate.name === name);
    if (reader === undefined) throw new ReaderError("READER_UNKNOWN", { reader: name });
    const card = await reader.connect(SHARE_MODES[share], SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
    return createHandle(context, card, name);
  } catch (error) {
    context?.close();
    throw translate(error, "connect", name);
  }
}

function createHandle(context: ContextInterface, card: CardInterface, reader: string): CardHandle {
  const protocol = card.protocol;
  return {
    atr: Uint8Array.from(card.atr ?? []),
    transmit: async (command) => {
      try {
        return bytesOf(await card.transmit(asBuffer(command), roomFor(command)));
      } catch (error) {
        throw translate(error, "transmit", reader);
      }
    },
    escape: async (command) => {
      try {
        return bytesOf(await card.control(await escapeCode(card), asBuffer(command)));
      } catch (error) {
        throw translate(error, "control", reader);
      }
    },
    reset: async (share) => {
      try {
        await card.reconnect(SHARE_MODES[share], protocol, SCARD_RESET_CARD);
      } catch (error) {
        throw translate(error, "reconnect", reader);
      }
    },
    mayReset: () => {
      try {
        const status = context
          .listReaders()
          .map(statusOf)
          .find(({ name }) => name === reader);
        if (status === undefined) throw new ReaderError("READER_UNKNOWN", { reader });
        return status.card !== "absent";
      } catch (error) {
        throw translate(error, "reconnect", reader);
      }
    },
    disconnect: () => {
      try {
        card.disconnect(SCARD_LEAVE_CARD);
      } catch {
        // The card or the service has gone already, and with it the connection.
      }
      context.close();
    },
  };
}

/**
 * Under which code a driver passes a command on to its reader: the one that it names (PC/SC part 10 §2.3), or the one that
 * ACS' manuals give for drivers that name none.
 */
async function escapeCode(card: CardInterface): Promise<number> {
  const features = await card
    .control(CM_IOCTL_GET_FEATURE_REQUEST)
    .then(parseFeatures, () => new Map<number, number>());
  return features.get(FEATURE_CCID_ESC_COMMAND) ?? SCARD_CTL_CODE(3500);
}

function translate(error: unknown, call: PcscCall, reader?: string): ReaderError {
  if (error instanceof ReaderError) return error;
  const detail = String((error as { message?: unknown }).message ?? error);
  const context = { call, detail, ...(reader === undefined ? {} : { reader }) };
  return pcscError(REASONS.get(detail) ?? "other", context);
}
