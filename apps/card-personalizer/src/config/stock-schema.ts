import { filePath, hexBytes, keyFile } from "@tallystick/program";
import { z } from "zod";

const hexByte = z
  .string()
  .regex(/^0x[0-9a-fA-F]{2}$/, 'write one byte in hexadecimal, such as "0x30"')
  .transform((text) => Number.parseInt(text.slice(2), 16));

const applicationIdentifier = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2}){5,16}$/, "write 5 to 16 bytes in hexadecimal")
  .transform((text) => Uint8Array.from(Buffer.from(text.slice(2), "hex")));

/** The keys that cards of this stock come with: the public default ones, or transport keys of the maker's. */
const stockKeysSchema = z.union([
  z.literal("default"),
  z.strictObject({
    /** A key file as the master key's: the maker's master key, or with `none` the key of every card. */
    file: keyFile,
    /** How a card's own transport keys come from it; `emv` and `visa2` need a master key of 16 bytes. */
    kdf: z.enum(["kdf3", "emv", "visa2", "none"]),
  }),
]);

/** How cards come from their maker, and what is made of them. Cards of another stock are refused before they are written. */
export const stockSchema = z.strictObject({
  /** SCP02 can be named, so that its cards are refused with their reason; they never get AES keys. */
  protocol: z.enum(["SCP03", "SCP02"]).default("SCP03"),
  /** Length of challenges and MACs: S8 or S16. */
  mode: z.enum(["S8", "S16"]).default("S8"),
  /** Version of the keys that cards come with. */
  keyVersion: hexByte.default(0xff),
  keys: stockKeysSchema.default("default"),
  /** Length of the default keys. */
  keyBits: z.union([z.literal(128), z.literal(192), z.literal(256)]).default(128),
  /** Version of the keys that cards get: chips keep 0x30 to 0x3f for AES. */
  ownKeyVersion: hexByte.refine((version) => version >= 0x01 && version <= 0x7f, "must be 0x01 to 0x7f").default(0x30),
  /** AID of the issuer security domain, where SELECT with an empty name does not find it. */
  securityDomain: applicationIdentifier.optional(),
  /** Is loaded onto cards without the applet's package; cards must hold it when left out. */
  package: z
    .strictObject({
      /** The CAP file. */
      file: filePath,
      /** SHA-256 of its load file data block, as `load-file` prints it. */
      sha256: hexBytes(32),
    })
    .optional(),
  /** What names a card: its ten diversification bytes, the chip's own part of its CPLC, or the address of its own key. */
  cardName: z.enum(["diversification", "cplc", "key"]).default("diversification"),
  /** Against a fault of some chips, whose SCP03 counter stands still at commands without data. */
  skipsEmptyCommands: z.boolean().default(false),
  /** Finished cards are moved to GlobalPlatform's state SECURED. */
  secured: z.boolean().default(false),
});

export type StockProfile = z.output<typeof stockSchema>;

/** What the profile's parts say against each other; path below `stock` and sentence. */
export function stockFaults(stock: Partial<StockProfile>): readonly (readonly [path: string, message: string])[] {
  const faults: (readonly [string, string])[] = [];
  if (stock.protocol === "SCP02")
    faults.push(["protocol", "cards of SCP02 cannot be used: order SCP03 in writing, and give these back"]);
  if (stock.keyVersion !== undefined && stock.keyVersion === stock.ownKeyVersion)
    faults.push(["ownKeyVersion", "must differ from keyVersion, or nobody can tell whose keys a card has"]);
  if (stock.keys !== undefined && stock.keys !== "default" && stock.keyBits !== undefined && stock.keyBits !== 128)
    faults.push(["keyBits", "goes with default keys only; transport keys have the length of their file's"]);
  return faults;
}
