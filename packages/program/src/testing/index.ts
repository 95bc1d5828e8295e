// Time that passes when a test wants it
export { ManualTimer, settled } from "./manual-timer.ts";
