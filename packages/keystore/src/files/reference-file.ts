import { dirname, resolve } from "node:path";
import { KeyFileError, readKeyFile, readOwnFile } from "@tallystick/program";
import { z } from "zod";
import { KeystoreError } from "../keystore-error.ts";
import { MAX_KEY_LABEL, MAX_PIN_BYTES, MAX_TOKEN_LABEL } from "../limits.ts";
import { loadLibrary, type LoadLibrary } from "../pkcs11/library.ts";
import { Token } from "../pkcs11/token.ts";

const printable = /^[!-~](?:[ -~]*[!-~])?$/;

/** Where the token is: what every reference to a key in it says. */
export const tokenFields = {
  /** File of the HSM's PKCS#11 library. */
  library: z.string().min(1),
  tokenLabel: z.string().max(MAX_TOKEN_LABEL).regex(printable),
  serial: z.string().max(16).regex(printable).optional(),
  /** A file that holds the PIN alone and that its owner alone may read, relative to this one. */
  pinFile: z.string().min(1).optional(),
  /** An environment variable that holds the PIN. */
  pinVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)
    .optional(),
};

/** Where a token is, and where its PIN is. */
export interface TokenReference {
  readonly library: string;
  readonly tokenLabel: string;
  readonly serial?: string | undefined;
  readonly pinFile?: string | undefined;
  readonly pinVariable?: string | undefined;
}

/** The label of a key in its token. */
export const keyLabel = z.string().max(MAX_KEY_LABEL).regex(printable);

const schemaOnly = z.looseObject({ schema: z.string() });

/** What kind of key file a file says it is. Throws KeyFileError. */
export function kindOfKeyFile(path: string): string {
  return readKeyFile(path, schemaOnly).schema;
}

/** Where a PIN's variable and the library come from; tests give others. */
export interface TokenEnvironment {
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly load?: LoadLibrary;
}

/** One token is opened once in a process, however many keys of it are used: it has one login, and one count of tries. */
const opened = new Map<string, Token>();

/** The token of a reference that stands in the file `path`. Opens no session. Throws KeystoreError. */
export function tokenOf(
  reference: TokenReference,
  path: string,
  { variables = process.env, load = loadLibrary }: TokenEnvironment = {},
): Token {
  const { library, tokenLabel, serial, pinFile, pinVariable } = reference;
  const name = JSON.stringify([library, tokenLabel, serial ?? null]);
  const known = opened.get(name);
  if (known !== undefined && load === loadLibrary) return known;
  const readPin = (): string => {
    if ((pinFile === undefined) === (pinVariable === undefined))
      throw new KeystoreError("HSM_PIN_MISSING", `${path} names no PIN, or two places for it.`);
    const text =
      pinFile === undefined
        ? (variables[pinVariable ?? ""] ?? "")
        : readOwnFile(resolve(dirname(path), pinFile)).trimEnd();
    if (text === "" || Buffer.byteLength(text) > MAX_PIN_BYTES) {
      const place = pinFile === undefined ? `The variable ${pinVariable ?? ""}` : `The file ${pinFile}`;
      throw new KeystoreError("HSM_PIN_MISSING", `${place} holds no PIN.`);
    }
    return text;
  };
  const token = new Token({ library: load(library), tokenLabel, serial, readPin });
  if (load === loadLibrary) opened.set(name, token);
  return token;
}

/** Thrown for a file that is neither a development key nor a reference to an HSM. */
export function unknownKind(path: string, kind: string): KeyFileError {
  return new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is a file of another kind: ${kind.slice(0, 64)}.`);
}
