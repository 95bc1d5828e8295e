// The card as a function
export type { CardChannel } from "./card-channel.ts";

// Readers
export { ReaderError, isReaderError } from "./reader/reader-error.ts";
export type { ReaderErrorCode } from "./reader/reader-error.ts";
export type {
  CardConnection,
  ConnectOptions,
  Reader,
  ReaderProvider,
  ReaderStatus,
  ResetOptions,
  ShareMode,
  WaitOptions,
} from "./reader/reader.ts";

// Bytes and hexadecimal
export { bytesFromHex, bytesToHex, concatBytes, equalBytes } from "./bytes.ts";
