import { startPcscd } from "./pcscd.ts";

/** libpcsclite reads its socket from the environment of the real process, which tests only see a copy of. */
export default async function setup() {
  const pcscd = await startPcscd({ readers: 2 });
  process.env.PCSCLITE_CSOCK_NAME = pcscd.socket;
  globalThis.pcscd = pcscd;
}
