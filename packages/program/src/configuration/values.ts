import { type Asset, createAsset, parseAmount } from "@tallystick/money";
import { type Address, compressKey, fromHex, MAX_U32, parseAddress, uncompressKey } from "@tallystick/protocol";
import { z } from "zod";
import { MAX_ALLOWED_HOSTS, MAX_ISSUER_KEYS, MAX_PROXIES } from "../limits.ts";
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./json-document.ts";

/** A text that a function reads or throws about: its message becomes the fault. */
export function textReadBy<T>(read: (text: string) => T): z.ZodPipe<z.ZodString, z.ZodTransform<T, string>> {
  return z.string().transform((text, context) => transformed(() => read(text), context));
}

/** Bytes as 0x and hexadecimal; exactly `length` of them where that is given. */
export function hexBytes(length?: number): ReturnType<typeof textReadBy<Uint8Array>> {
  return textReadBy((text) => fromHex(text, length));
}

/** An address: 20 bytes, in lower case or with a right checksum, never zero. */
export const address: ReturnType<typeof textReadBy<Address>> = textReadBy((text) => parseAddress(text));

/** The id of an EVM chain, as a number or as digits. */
export const chainId = z
  .union([z.int().positive(), z.string().regex(/^[1-9][0-9]{0,19}$/)])
  .transform((value) => BigInt(value));

/** A currency as one vault counts it: `{"code":"USDC","decimals":6,"scale":1}`. */
export const asset = z
  .strictObject({
    code: z.string(),
    decimals: z.int(),
    /** Token base units in one unit; digits where a number cannot hold it. */
    scale: z.union([z.int().positive(), z.string().regex(/^[0-9]+$/)]).default(1),
  })
  .transform((given, context): Asset =>
    transformed(() => createAsset({ ...given, scale: BigInt(given.scale) }), context),
  );

/** An amount in display units, such as "2.50"; `readAmount` reads it when the asset is known. */
export const amountSetting = z.string();

/** Reads an amount of the configuration in units; undefined and a fault where it is none. */
export function readAmount(
  text: string | undefined,
  at: { readonly path: string | Path; readonly asset: Asset; readonly faults: FaultList; readonly aboveZero?: boolean },
): bigint | undefined {
  if (text === undefined) return undefined;
  const units = at.faults.read(at.path, () => parseAmount(text, at.asset));
  if (units !== 0n || at.aboveZero !== true) return units;
  at.faults.add(at.path, "must be above zero");
  return undefined;
}

/** A name or an address as a header `Host` has it, without a port. */
const allowedHost = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/, "must be a host name without a port")
  .transform((text) => text.toLowerCase());

const port = z.int().min(0).max(65_535);

const doorFields = {
  host: z.string().min(1).default("127.0.0.1"),
  hosts: z.array(allowedHost).max(MAX_ALLOWED_HOSTS).default([]),
  proxies: z
    .array(z.union([z.ipv4(), z.ipv6()]).transform((text) => text.toLowerCase()))
    .max(MAX_PROXIES)
    .default([]),
};

/**
 * Where a server listens: `"listen": {"host": "127.0.0.1", "port": 8400}`; this machine alone where
 * it is left out. Port 0 takes a free one, which the ready line names. `hosts` are further names by
 * which callers may ask, `proxies` the addresses of the reverse proxies that alone may connect.
 */
export function listen(defaultPort: number) {
  return z.strictObject({ ...doorFields, port: port.default(defaultPort) }).prefault({});
}

/** Where the same program listens besides; its port may go by the first one's. */
export const secondListen = z.strictObject({ ...doorFields, port: port.optional() }).prefault({});

/** A socket of another program: host and port, neither of them left out. */
export const socketAddress = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) });

/** An address of the web, without slashes at its end. */
export const httpUrl = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ""));

/** JSON-RPC of a node of the chain: `"rpcUrl": "https://…"`. */
export const rpcUrl = httpUrl;

/** The path of a file, relative to the configuration's folder. */
export const filePath = z.string().min(1);

/** The path of a key file: `"keyFile": "key.json"`. */
export const keyFile = filePath;

/** A time in seconds that fits the protocol's 32 bits. */
export const seconds = z.int().min(0).max(MAX_U32);

/** How much a program writes to its log. */
export const logLevel = z.enum(["fatal", "error", "warn", "info", "debug", "silent"]).default("info");

/** `"log": {"level": "info"}`. */
export const log = z.strictObject({ level: logLevel }).prefault({});

/** A point of secp256k1, in 33 or 65 bytes; both forms of it. */
export const publicKey = textReadBy((text) => {
  const bytes = fromHex(text);
  return { compressed: compressKey(bytes), uncompressed: uncompressKey(bytes) };
});

/** A key of an issuer: `{"id": 1, "publicKey": "0x02…"}`. */
export const issuerKey = z.strictObject({ id: z.int().min(0).max(255), publicKey });

/** The issuer's keys that are pinned, the present one first. */
export const issuerKeys = z.array(issuerKey).min(1).max(MAX_ISSUER_KEYS);

function transformed<T>(read: () => T, context: z.core.$RefinementCtx): T {
  try {
    return read();
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}
