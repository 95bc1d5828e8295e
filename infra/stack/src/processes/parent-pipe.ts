import { Socket } from "node:net";

/**
 * Calls `stop` once the program that started this one is gone. The bootstrap names a pipe in TALLYSTICK_PARENT_PIPE whose
 * other end it holds; the pipe ends however that process ends. Without the name nothing is watched.
 */
export function onParentGone(stop: () => void): void {
  const descriptor = Number(process.env["TALLYSTICK_PARENT_PIPE"] ?? "");
  delete process.env["TALLYSTICK_PARENT_PIPE"];
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on("error", stop);
  pipe.on("end", stop);
  pipe.resume();
  pipe.unref();
}
