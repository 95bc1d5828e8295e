// The reader port without a smart card service: vpcd messages straight to a card host
export { createVpcdProvider } from "./vpcd-binding.ts";
export type { VpcdReaderAddress } from "./vpcd-binding.ts";
export { decodeVpcdMessages, encodeVpcdMessage, VPCD_CONTROL } from "./vpcd-message.ts";
