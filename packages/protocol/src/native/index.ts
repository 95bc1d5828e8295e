// Signatures through libsecp256k1
export { createNativeEngine, type NativeEngine } from "./native-engine.ts";
