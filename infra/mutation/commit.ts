import { execFileSync } from "node:child_process";

/** The commit that was measured, and whether files of these folders differ from it. */
export function measuredCommit(root: string, folders: readonly string[]): { commit: string; changed: boolean } {
  const git = (...args: readonly string[]): string => execFileSync("git", [...args], { cwd: root, encoding: "utf8" });
  return {
    commit: git("rev-parse", "HEAD").trim(),
    changed: git("status", "--porcelain", "--", ...folders) !== "",
  };
}
