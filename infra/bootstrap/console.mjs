/** A failure that a person can do something about: its message says what happened and what to do next. */
export class BootstrapError extends Error {
  constructor(exitCode, message) {
    super(message);
    this.name = "BootstrapError";
    this.exitCode = exitCode;
  }
}

/** Progress goes to standard error, so that standard output stays the command's own. */
export function say(message) {
  process.stderr.write(`tallystick: ${message}\n`);
}
