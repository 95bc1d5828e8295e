import { decodeText, KeyFileError, readOwnBytes } from "@tallystick/program";
import { token } from "./config-schema.ts";

/**
 * The bearer token of a file that holds nothing else, of which a line's end is no part. Throws
 * KeyFileError, whose text never holds the token.
 */
export function readTokenFile(path: string): string {
  const malformed = (message: string): KeyFileError =>
    new KeyFileError("KEY_FILE_MALFORMED", path, `${path}: ${message}`);
  const decoded = decodeText(readOwnBytes(path));
  if ("fault" in decoded) throw malformed(decoded.fault);
  const text = decoded.text.trim();
  if (text === "") throw malformed("It is empty. Write the token into it, and nothing else.");
  if (/^bearer\b/i.test(text)) throw malformed('Write the token alone, without "Bearer" before it.');
  if (!token.safeParse(text).success)
    throw malformed("It holds no token: 16 to 256 letters, digits and signs without a blank, and nothing else.");
  return text;
}
