// The reader port over the PC/SC service, by the library `smartcard`
export { createPcscProvider } from "./smartcard-binding.ts";
