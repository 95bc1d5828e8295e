import { createHash } from "node:crypto";
import { WrongTokens } from "@tallystick/program";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { DeviceRecord } from "../journal/doors/device-store.ts";
import type { Caller } from "./caller.ts";
import { DoorError } from "./door-error.ts";
import {
  DEVICE_ID_BYTES,
  DEVICE_KEY_BYTES,
  MAX_DEVICES,
  MAX_PAIRING_CODES,
  MAX_WRONG_CODES,
  PAIRING_CODE_LENGTH,
  PAIRING_CODE_SECONDS,
} from "./limits.ts";

/** Crockford's 32 characters: none is taken for another. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export interface PairingParts {
  readonly journal: Pick<Journal, "write" | "devices">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Milliseconds of any clock that does not go back. */
  readonly elapsed: () => number;
  readonly warn: (message: string) => void;
}

/** A code that is shown at the box. */
export interface PairingCode {
  /** Two groups of four characters. */
  readonly code: string;
  /** Seconds. */
  readonly expiresAt: number;
}

/** A device that is paired now, and its key, which is shown this once. */
export interface PairedDevice {
  readonly device: DeviceRecord;
  readonly key: string;
}

/** Devices get a key of their own for a code that is shown at the box, without anybody else's help. */
export class Pairing {
  private readonly parts: PairingParts;
  private readonly wrong: WrongTokens;

  constructor(parts: PairingParts) {
    this.parts = parts;
    this.wrong = new WrongTokens({ now: parts.elapsed, warn: parts.warn });
  }

  /** Makes a code that pairs one device within its time; of too many the oldest goes. */
  offer(): PairingCode {
    const { journal, clock, randomBytes } = this.parts;
    const now = clock.now();
    const expiresAt = now + PAIRING_CODE_SECONDS;
    const code = [...randomBytes(PAIRING_CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? "").join("");
    journal.write(() => {
      journal.devices.offer(hashOf(code), { now, expiresAt, most: MAX_PAIRING_CODES });
    });
    const half = PAIRING_CODE_LENGTH / 2;
    return { code: `${code.slice(0, half)}-${code.slice(half)}`, expiresAt };
  }

  /**
   * Pairs the device that shows a code, once. Throws DoorError PAIRING_CODE_WRONG, PAIRING_SLOWED for
   * an address that showed too many wrong ones, and DEVICES_FULL.
   */
  pair({
    code,
    name,
    address,
  }: {
    readonly code: string;
    readonly name: string;
    readonly address: string;
  }): PairedDevice {
    const { journal, clock, randomBytes } = this.parts;
    const wait = this.wrong.waitSeconds(address, "");
    if (wait > 0)
      throw new DoorError(
        "PAIRING_SLOWED",
        "Too many wrong codes came from this address; wait, and type it again.",
        wait,
      );
    const now = clock.now();
    const codeHash = hashOf(plainCode(code));
    if (!journal.devices.isOffered(codeHash, now)) {
      this.wrong.wrong(address);
      journal.write(() => {
        journal.devices.countWrong(MAX_WRONG_CODES);
      });
      throw new DoorError("PAIRING_CODE_WRONG", "Have a new code shown at the box, and type that one.");
    }
    if (journal.devices.all().length >= MAX_DEVICES)
      throw new DoorError("DEVICES_FULL", "Revoke a device that is not used any more.");
    const key = Buffer.from(randomBytes(DEVICE_KEY_BYTES)).toString("base64url");
    const id = Buffer.from(randomBytes(DEVICE_ID_BYTES)).toString("hex");
    const device: DeviceRecord = { id, name, pairedAt: now };
    journal.write(() => {
      journal.devices.pair(device, { keyHash: hashOf(key), codeHash });
    });
    return { device, key };
  }

  /** Whether a caller is still let in: nobody revoked its device meanwhile. */
  isStillIn({ kind, device }: Caller): boolean {
    return (kind !== "page" && kind !== "program") || this.parts.journal.devices.byId(device.id) !== null;
  }

  /** The device of a key; null where it was never paired, or is revoked. */
  deviceOf(key: string): DeviceRecord | null {
    return this.parts.journal.devices.byKeyHash(hashOf(key));
  }

  all(): readonly DeviceRecord[] {
    return this.parts.journal.devices.all();
  }

  /** Ends a device's key. Throws DoorError DEVICE_UNKNOWN. */
  revoke(id: string): DeviceRecord {
    const { journal, clock } = this.parts;
    const device = journal.devices.byId(id);
    if (device === null) throw new DoorError("DEVICE_UNKNOWN", "No device has this id; the list is at /v1/devices.");
    journal.write(() => {
      journal.devices.revoke(device, clock.now());
    });
    return device;
  }
}

/** As it is typed: in any case, with or without the dash, and with letters that look like digits. */
function plainCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** Keys and codes are random, so a plain hash keeps them. */
function hashOf(text: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(text).digest());
}
