import { rmSync } from "node:fs";
import { dirname } from "node:path";

/** Removes the folder that the setup made. */
export default function removeServicePath() {
  rmSync(dirname(process.env.PCSCLITE_CSOCK_NAME), { recursive: true, force: true });
}
