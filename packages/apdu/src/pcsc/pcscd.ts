// The reader port over the PC/SC service of Linux, by the service's own socket
export { createPcscdProvider } from "./pcscd-binding.ts";
export type { PcscdOptions } from "./pcscd-binding.ts";
