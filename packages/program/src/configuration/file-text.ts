import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { MAX_CONFIG_BYTES } from "../limits.ts";

/** The text of a file, or why there is none, as a sentence. */
export type FileText = { readonly text: string } | { readonly fault: string };

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "There is no such file. Check the path.",
  ENOTDIR: "There is no such file. Check the path.",
  EISDIR: "It is a folder. Name the file in it.",
  EACCES: "This user may not read it. Check its rights.",
  EPERM: "This user may not read it. Check its rights.",
  ELOOP: "It is a link that leads to itself.",
};

/** Reads a text file as UTF-8; anything else is named as what it is. */
export function readFileText(path: string): FileText {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path);
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException;
    return { fault: unreadable[code] ?? `It cannot be read (${code}).` };
  }
  return decodeText(bytes);
}

/** Decodes a file's bytes as UTF-8 without a byte-order mark. */
export function decodeText(bytes: Uint8Array): FileText {
  if (bytes.length > MAX_CONFIG_BYTES) return { fault: `It is larger than ${MAX_CONFIG_BYTES} bytes.` };
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return { fault: "It begins with a byte-order mark (BOM). Save it as UTF-8 without BOM." };
  }
  const order = utf16Order(bytes);
  if (order !== null) return { fault: `It is written in UTF-16 (${order} endian). Save it as UTF-8.` };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { fault: "It is not UTF-8. Save it as UTF-8." };
  }
}

/** JSON begins with two ASCII characters: in UTF-16, one byte of each is zero. */
function utf16Order([first, second]: Uint8Array): "little" | "big" | null {
  if ((first === 0xff && second === 0xfe) || (first !== undefined && first !== 0 && second === 0)) return "little";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== undefined && second !== 0)) return "big";
  return null;
}

function readBytes(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
