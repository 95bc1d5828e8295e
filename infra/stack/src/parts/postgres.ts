import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { PORT_ATTEMPTS } from "../limits.ts";
import { startOwnedProcess, type OwnedProcess } from "../processes/owned-process.ts";
import { freePort } from "../ports.ts";
import { until } from "../wait.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";

export type Postgres = {
  /** URL of the empty database `tallystick`, over TCP on the loopback interface. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

export type PostgresOptions = {
  /**
   * Whether commits are forced to the disk. Off by default: a test's cluster does not outlive a loss of power, and a
   * killed client loses nothing either way. Soak runs turn it on.
   */
  readonly durable?: boolean;
};

/** Where Debian and Ubuntu put the server's programs, newest version first; else the PATH is asked. */
function serverProgram(name: string): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, "bin", name)).find((path) => existsSync(path));
  return found ?? name;
}

/** PostgreSQL refuses to run as root: as root it runs as the user that its package made. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  try {
    const number = (flag: string): number =>
      Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
    return { uid: number("-u"), gid: number("-g") };
  } catch {
    throw new StackError("NOT_INSTALLED", "there is no user postgres to run PostgreSQL as; install postgresql");
  }
}

function settings(port: number, durable: boolean): string {
  const fast = durable ? [] : ["fsync = off", "synchronous_commit = off", "full_page_writes = off"];
  return [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    // A socket's path has to be short, and the private folder may be anywhere.
    "unix_socket_directories = ''",
    "max_connections = 200",
    "shared_buffers = 64MB",
    "logging_collector = off",
    ...fast,
    "",
  ].join("\n");
}

/** Whether the server of this folder takes connections; it says so itself in the last line of its lock file. */
function isReady(data: string): boolean {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

/** Starts a PostgreSQL cluster of its own in a private folder, with a private port, user and password. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const user = serverUser();
  const folder = makeWorkFolder("postgres");
  const data = join(folder.path, "data");
  const log = join(folder.path, "postgres.log");
  const password = randomBytes(16).toString("hex");
  const passwordFile = join(folder.path, "password");
  mkdirSync(data);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  writeFileSync(log, "");
  for (const path of [folder.path, data, passwordFile, log]) {
    chmodSync(path, path.endsWith("password") ? 0o600 : 0o700);
    if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
  }
  const command = async (name: string, args: readonly string[]): Promise<OwnedProcess> =>
    await startOwnedProcess({
      command: serverProgram(name),
      args,
      ...user,
      cwd: folder.path,
      stdoutFile: log,
      stderrFile: log,
    });

  const init = await command("initdb", [
    ...["-D", data, "-U", "tallystick", "-A", "scram-sha-256", `--pwfile=${passwordFile}`],
    ...["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
  ]);
  if ((await init.finished()).code !== 0) throw new StackError("DID_NOT_START", `initdb failed:\n${init.tail()}`);

  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    appendFileSync(join(data, "postgresql.conf"), settings(port, options.durable === true));
    const server = await command("postgres", ["-D", data]);
    await until("PostgreSQL answering", () => !server.isRunning() || isReady(data));
    if (server.isRunning()) {
      await createDatabase({ folder: folder.path, port, password });
      const stop = async (): Promise<void> => {
        // SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
        await server.stop("SIGINT");
        folder.remove();
      };
      return { url: `postgres://tallystick:${password}@127.0.0.1:${port}/tallystick`, port, pid: server.pid, stop };
    }
    if (attempt === PORT_ATTEMPTS) throw new StackError("DID_NOT_START", `PostgreSQL ended at once:\n${server.tail()}`);
  }
}

async function createDatabase(cluster: { folder: string; port: number; password: string }): Promise<void> {
  const log = join(cluster.folder, "createdb.log");
  await until("the database being made", async () => {
    const create = await startOwnedProcess({
      command: serverProgram("createdb"),
      args: ["-h", "127.0.0.1", "-p", String(cluster.port), "-U", "tallystick", "-w", "tallystick"],
      env: { ...process.env, PGPASSWORD: cluster.password },
      stdoutFile: log,
      stderrFile: log,
    });
    return (await create.finished()).code === 0 || create.tail().includes("already exists");
  });
}
