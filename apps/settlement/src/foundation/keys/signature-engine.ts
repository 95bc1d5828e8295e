/**
 * ECDSA over secp256k1 as the settlement needs it: signatures r ‖ s of 64 bytes with low s. Without
 * the library's binary the start ends with an error.
 */
export { createNativeEngine, type NativeEngine as SignatureEngine } from "@tallystick/protocol/native";
