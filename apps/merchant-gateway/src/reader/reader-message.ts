import { ReaderError, type ReaderErrorCode } from "@tallystick/apdu";

/** What happened at the reader, and what to do next. */
export function readerMessage(code: ReaderErrorCode): string {
  const { message, next } = new ReaderError(code);
  return `${message} ${next}`;
}
