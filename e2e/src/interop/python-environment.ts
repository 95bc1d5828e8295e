import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";

/** What Debian and Ubuntu call the things that pyscard is compiled with; swig itself comes from PyPI. */
const SYSTEM_PACKAGES = "python3-venv python3-dev libpcsclite-dev pkg-config build-essential";
const INSTALL_DEADLINE_MS = 600_000;

/** What to do when the environment could not be made, beside what the tool said. */
export function installationHelp(output: string): string {
  const cause = output.trim().split("\n").slice(-8).join("\n");
  return [
    "the foreign client's Python environment could not be made.",
    `pyscard has no wheel for Linux and is compiled here: apt-get install ${SYSTEM_PACKAGES}`,
    "(and swig, where PyPI's does not fit the machine). The packages come from PyPI, so the network must reach it.",
    `It said:\n${cause}`,
  ].join("\n");
}

/**
 * The Python of a virtual environment with exactly the packages of a requirements file; made when it is not there or was
 * made of another file.
 * @param folder where environments may be kept between runs
 */
export async function pythonEnvironment(folder: string, requirements: string): Promise<string> {
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const home = join(folder, "interop-venv");
  const stamp = join(home, "requirements.sha256");
  const python = join(home, "bin", "python");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.stderr.write("installing yubikit and pyscard into .tallystick/interop-venv …\n");
  const steps = [
    ["python3", "-m", "venv", home],
    [python, "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", requirements],
  ];
  for (const [command = "", ...args] of steps) {
    const { code, output } = await runTool({ command, args, deadlineMs: INSTALL_DEADLINE_MS });
    if (code !== 0) throw new Error(installationHelp(output));
  }
  writeFileSync(stamp, wanted);
  return python;
}
