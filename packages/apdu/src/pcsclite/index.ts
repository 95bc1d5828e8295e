// The reader port over the PC/SC service, by the library `pcsclite`
export { createPcscliteProvider } from "./pcsclite-binding.ts";
