import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type * as pkcs11js from "pkcs11js";
import { KeystoreError } from "../keystore-error.ts";
import { CK } from "./constants.ts";
import { asKeystoreError, isCode, RETURN } from "./return-codes.ts";

/** What of a PKCS#11 library is used here; the calls are named as PKCS#11 names them. */
export type Pkcs11Library = Pick<
  pkcs11js.PKCS11,
  | "C_GetSlotList"
  | "C_GetTokenInfo"
  | "C_OpenSession"
  | "C_CloseSession"
  | "C_GetSessionInfo"
  | "C_Login"
  | "C_FindObjectsInit"
  | "C_FindObjects"
  | "C_FindObjectsFinal"
  | "C_GetAttributeValue"
  | "C_SetAttributeValue"
  | "C_SignInit"
  | "C_Sign"
  | "C_SignAsync"
  | "C_EncryptInit"
  | "C_Encrypt"
  | "C_GenerateKey"
  | "C_GenerateKeyPair"
  | "C_CreateObject"
  | "C_DestroyObject"
  | "C_WrapKey"
  | "C_UnwrapKey"
>;

/** Opens a library by its file. Throws KeystoreError HSM_LIBRARY_MISSING or HSM_FAULT. */
export type LoadLibrary = (path: string) => Pkcs11Library;

/** Loads a PKCS#11 library into this process; the addon behind it is loaded with the first one. */
export const loadLibrary: LoadLibrary = (path) => {
  if (!existsSync(path)) throw new KeystoreError("HSM_LIBRARY_MISSING", `There is no PKCS#11 library ${path}.`);
  const library = openAddon();
  try {
    library.load(path);
  } catch {
    throw new KeystoreError("HSM_LIBRARY_MISSING", `${path} cannot be loaded as a PKCS#11 library.`);
  }
  try {
    // Signing runs in threads of its own; a library that is not told so may take that for one thread.
    library.C_Initialize({ flags: CK.OS_LOCKING_OK });
  } catch (error) {
    // Another key of this process has done so.
    if (!isCode(error, RETURN.alreadyInitialized)) throw asKeystoreError(error, `${path} cannot be initialized`);
  }
  return library;
};

function openAddon(): pkcs11js.PKCS11 {
  try {
    const { PKCS11 } = createRequire(import.meta.url)("pkcs11js") as typeof pkcs11js;
    return new PKCS11();
  } catch {
    throw new KeystoreError(
      "HSM_LIBRARY_MISSING",
      "The addon pkcs11js was not built on this machine; install the packages again with a C++ compiler.",
    );
  }
}
