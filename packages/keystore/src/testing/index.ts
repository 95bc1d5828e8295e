export { importMasterKey, importSigningKey } from "./import-keys.ts";
export { findSoftHsm, startSoftHsm, type SoftHsm } from "./softhsm.ts";
