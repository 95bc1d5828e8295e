/** Numbers of PKCS#11 2.40 that are used here, without their prefix. */
export const CK = {
  SERIAL_SESSION: 4,
  RW_SESSION: 2,
  USER: 1,
  OS_LOCKING_OK: 2,
  TOKEN_INITIALIZED: 0x400,
  USER_PIN_FINAL_TRY: 0x20000,
  USER_PIN_LOCKED: 0x40000,
} as const;

/** Classes of objects. */
export const CKO = { publicKey: 2, privateKey: 3, secretKey: 4 } as const;

/** Types of keys. */
export const CKK = { ec: 3, aes: 0x1f } as const;

/** Attributes. */
export const CKA = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  wrap: 0x106,
  unwrap: 0x107,
  sign: 0x108,
  verify: 0x10a,
  derive: 0x10c,
  valueLength: 0x161,
  extractable: 0x162,
  ecParameters: 0x180,
  ecPoint: 0x181,
} as const;

/** Mechanisms. */
export const CKM = {
  ecKeyPairGeneration: 0x1040,
  ecdsa: 0x1041,
  aesKeyGeneration: 0x1080,
  aesEcb: 0x1081,
  aesCmac: 0x108a,
  /** RFC 5649. */
  aesKeyWrapPad: 0x210a,
} as const;

/** DER of the object identifier 1.3.132.0.10, secp256k1. */
export const SECP256K1_PARAMETERS: Uint8Array = Uint8Array.of(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a);
