import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import type * as pkcs11js from "pkcs11js";

const folders = [
  ...["softhsm", "x86_64-linux-gnu/softhsm", "aarch64-linux-gnu/softhsm"].map((name) => join("/usr/lib", name)),
  ...["/opt/homebrew/lib/softhsm", "/usr/local/lib/softhsm"],
];

/** A SoftHSM of a test's own, in a folder of its own. */
export interface SoftHsm {
  readonly library: string;
  readonly folder: string;
  /** Makes a token; its PIN stands in `pinFile` besides. */
  makeToken(label: string): { readonly tokenLabel: string; readonly pin: string; readonly pinFile: string };
  /** Ends every session of the process, as an HSM does that is taken away and comes back. */
  endSessions(): void;
  /** Gives the library back and removes the folder. */
  end(): void;
}

/** Where SoftHSM is on this machine. Throws where it is not installed. */
export function findSoftHsm(): string {
  const path = folders.map((name) => join(name, "libsofthsm2.so")).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error("SoftHSM is not installed; the package is called softhsm2.");
  return path;
}

/**
 * Starts a SoftHSM in a private folder. One at a time in a process: the library reads its configuration when it is
 * initialized, from the environment of the process.
 */
export function startSoftHsm(): SoftHsm {
  const library = findSoftHsm();
  const folder = mkdtempSync(join(tmpdir(), "tallystick-softhsm-"));
  const tokens = join(folder, "tokens");
  mkdirSync(tokens, { mode: 0o700 });
  writeFileSync(join(folder, "softhsm2.conf"), `directories.tokendir = ${tokens}\nlog.level = ERROR\n`);
  // Tests see a copy of the environment; libraries read the process's own.
  const own = runInThisContext("process") as NodeJS.Process;
  own.env["SOFTHSM2_CONF"] = join(folder, "softhsm2.conf");
  const { PKCS11 } = createRequire(import.meta.url)("pkcs11js") as typeof pkcs11js;
  const hsm = new PKCS11();
  hsm.load(library);
  hsm.C_Initialize({ flags: 2 });
  return {
    library,
    folder,
    makeToken: (label) => {
      const pin = "4711-secret";
      const free = hsm.C_GetSlotList(true).find((slot) => (hsm.C_GetTokenInfo(slot).flags & 0x400) === 0);
      if (free === undefined) throw new Error("SoftHSM has no free slot.");
      hsm.C_InitToken(free, "officer-pin", label.padEnd(32));
      const session = hsm.C_OpenSession(free, 6);
      hsm.C_Login(session, 0, "officer-pin");
      hsm.C_InitPIN(session, pin);
      hsm.C_Logout(session);
      hsm.C_CloseSession(session);
      const pinFile = join(folder, `${label}.pin`);
      writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 });
      return { tokenLabel: label, pin, pinFile };
    },
    endSessions: () => {
      for (const slot of hsm.C_GetSlotList(true)) hsm.C_CloseAllSessions(slot);
    },
    end: () => {
      hsm.C_Finalize();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
