import type { Attribute, Handle } from "pkcs11js";
import { KeystoreError } from "../keystore-error.ts";
import { MAX_OBJECTS } from "../limits.ts";
import { CKA } from "./constants.ts";
import type { OpenSession, Token } from "./token.ts";
import { returnCodeOf } from "./return-codes.ts";

/** The objects of a class and a label. */
export function findObjects(
  { library }: Token,
  { session }: OpenSession,
  { objectClass, label }: { readonly objectClass: number; readonly label: string },
): readonly Handle[] {
  const template: Attribute[] = [
    { type: CKA.class, value: objectClass },
    { type: CKA.label, value: label },
  ];
  library.C_FindObjectsInit(session, template);
  try {
    return library.C_FindObjects(session, MAX_OBJECTS);
  } finally {
    library.C_FindObjectsFinal(session);
  }
}

/** The one key of a class and a label. Throws KeystoreError HSM_KEY_MISSING or HSM_KEY_AMBIGUOUS. */
export function findKey(
  token: Token,
  open: OpenSession,
  wanted: { readonly objectClass: number; readonly label: string },
): Handle {
  const [first, second] = findObjects(token, open, wanted);
  const place = `in token ${token.label}`;
  if (first === undefined) throw new KeystoreError("HSM_KEY_MISSING", `There is no key ${wanted.label} ${place}.`);
  if (second !== undefined)
    throw new KeystoreError("HSM_KEY_AMBIGUOUS", `Several keys are called ${wanted.label} ${place}.`);
  return first;
}

/** One attribute's bytes; null where the object has none. */
export function attributeOf(
  { library }: Token,
  { session }: OpenSession,
  at: readonly [Handle, number],
): Buffer | null {
  const [handle, type] = at;
  try {
    const [found] = library.C_GetAttributeValue(session, handle, [{ type }]);
    return found !== undefined && Buffer.isBuffer(found.value) ? found.value : null;
  } catch (error) {
    // CKR_ATTRIBUTE_TYPE_INVALID and CKR_ATTRIBUTE_SENSITIVE.
    if (returnCodeOf(error) === 0x12 || returnCodeOf(error) === 0x11) return null;
    throw error;
  }
}

/** A number that PKCS#11 keeps as CK_ULONG, in the machine's own length and order. */
export function ulongOf(value: Buffer | null): number | null {
  if (value === null || (value.length !== 4 && value.length !== 8)) return null;
  return value.length === 8 ? Number(value.readBigUInt64LE()) : value.readUInt32LE();
}

/** The handle of a key, found again where the session was opened anew. */
export class FoundKey {
  readonly #find: (open: OpenSession) => Handle;
  #found: { readonly handle: Handle; readonly generation: number } | null = null;

  constructor(find: (open: OpenSession) => Handle) {
    this.#find = find;
  }

  in(open: OpenSession): Handle {
    if (this.#found?.generation !== open.generation)
      this.#found = { handle: this.#find(open), generation: open.generation };
    return this.#found.handle;
  }
}
