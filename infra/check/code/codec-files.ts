/**
 * Files whose numbers belong to a form of bytes or to a price list that others fixed, each with its reason. They are no
 * limits of ours: nobody could set them otherwise. A place that ends with a slash is a folder.
 */
export const CODEC_FILES: readonly { readonly place: string; readonly reason: string }[] = [
  { place: "apps/card-personalizer/src/card/load-file.ts", reason: "the fields of a zip (PKWARE APPNOTE)" },
  { place: "packages/apdu/src/pcsc/", reason: "pcscd's messages and libpcsclite's constants" },
  { place: "packages/vault/src/", reason: "Ethereum's gas prices (EIP-2929, EIP-2930, EIP-7623) and ABI words" },
];
