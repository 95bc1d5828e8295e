import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { toHex } from "@tallystick/protocol";
import type { StockProfile } from "../config/stock-schema.ts";
import { Failure } from "../failures.ts";
import { MAX_LOAD_FILE_BYTES } from "../limits.ts";

/** Components that are loaded, in the order in which loaders send them. */
const COMPONENTS = [
  ...["Header", "Directory", "Import", "Applet", "Class", "Method", "StaticField", "Export", "ConstantPool"],
  "RefLocation",
] as const;

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

/** What of a CAP file goes onto a card. */
export interface LoadFile {
  readonly dataBlock: Uint8Array;
  /** Of the data block, lower-case hexadecimal: equal for every build of the same source, whatever the zip around it. */
  readonly sha256: string;
}

/** Takes the load file data block out of a CAP file. Throws Failure USAGE for a file that is none. */
export function readLoadFile(cap: Uint8Array): LoadFile {
  try {
    const dataBlock = readDataBlock(Buffer.from(cap));
    return { dataBlock, sha256: createHash("sha256").update(dataBlock).digest("hex") };
  } catch (error) {
    // Whatever a reader of bytes stumbles over is the file's fault.
    throw error instanceof Failure ? error : noCap((error as Error).message);
  }
}

/** Reads a CAP file. Throws Failure USAGE for one that cannot be read or is none. */
export function openLoadFile(path: string): LoadFile {
  return readLoadFile(readBytes(path));
}

/**
 * The load file of a stock whose package is to be loaded, or null. Throws Failure LOAD_FILE_DIFFERS where the file is not the
 * one that the profile names: cards would run other code than was looked at.
 */
export function openPackage({ package: loaded }: Pick<StockProfile, "package">): LoadFile | null {
  if (loaded === undefined) return null;
  const loadFile = openLoadFile(loaded.file);
  const expected = toHex(loaded.sha256);
  if (`0x${loadFile.sha256}` !== expected)
    throw new Failure("LOAD_FILE_DIFFERS", `${loaded.file} has 0x${loadFile.sha256}, not ${expected}.`);
  return loadFile;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure("USAGE", `${path}: ${(error as Error).message}`);
  }
}

function readDataBlock(cap: Buffer): Uint8Array {
  const entries = readZip(cap);
  const parts = COMPONENTS.flatMap((name) => entries.find(({ path }) => path.endsWith(`/javacard/${name}.cap`)) ?? []);
  if (!parts.some(({ path }) => path.endsWith("/Header.cap"))) throw noCap("It holds no component Header.");
  return Uint8Array.from(Buffer.concat(parts.map(({ content }) => content())));
}

interface ZipEntry {
  readonly path: string;
  readonly content: () => Buffer;
}

/** The entries by the directory at a zip's end (PKWARE APPNOTE §4.3). */
function readZip(zip: Buffer): readonly ZipEntry[] {
  const end = zip.length - END_BYTES;
  if (end < 0 || zip.length > MAX_LOAD_FILE_BYTES || zip.readUInt32LE(end) !== END_OF_DIRECTORY)
    throw noCap("It does not end as a zip does.");
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw noCap("Its directory is damaged.");
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const nameEnd = at + DIRECTORY_ENTRY_BYTES + (nameBytes ?? 0);
    const entry = at;
    const path = zip.toString("utf8", at + DIRECTORY_ENTRY_BYTES, nameEnd);
    entries.push({ path, content: () => contentOf(zip, entry) });
    at = nameEnd + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

function contentOf(zip: Buffer, entry: number): Buffer {
  const method = zip.readUInt16LE(entry + 10);
  const packed = zip.readUInt32LE(entry + 20);
  const header = zip.readUInt32LE(entry + 42);
  const start = header + LOCAL_HEADER_BYTES + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const bytes = zip.subarray(start, start + packed);
  if (method === STORED) return bytes;
  if (method !== DEFLATED) throw noCap(`A component is packed by method ${method}.`);
  return inflateRawSync(bytes, { maxOutputLength: MAX_LOAD_FILE_BYTES });
}

function noCap(detail: string): Failure {
  return new Failure("USAGE", undefined, {
    message: `This is no CAP file. ${detail}`.trim(),
    next: "Name the file that applet/cap/build.xml wrote.",
  });
}
