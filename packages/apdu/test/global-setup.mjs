import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * libpcsclite reads the path of its service from the environment of the real process, of which
 * tests see only a copy. So the path is chosen here, and the test of the readers starts its service
 * there.
 */
export default function chooseServicePath() {
  process.env.PCSCLITE_CSOCK_NAME = join(mkdtempSync(join(tmpdir(), "apdu-pcscd-")), "pcscd.comm");
}
