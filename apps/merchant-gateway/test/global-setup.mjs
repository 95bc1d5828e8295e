import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPage } from "../page/build.mjs";

/**
 * libpcsclite reads the path of its service from the environment of the real process, of which
 * tests see only a copy. So a path is chosen here, and a test that starts a service links it there.
 */
export default async function prepare() {
  process.env.PCSCLITE_CSOCK_NAME = join(mkdtempSync(join(tmpdir(), "terminal-pcscd-")), "pcscd.comm");
  // The page is served as it is built, from whatever stands in its sources.
  await buildPage();
}
