/**
 * Loaded into the program before its own code: a process gets a signal as soon as the program has written the line that
 * TALLYSTICK_SIGNAL_AT names, such as `domain BEGUN SIGKILL` for itself or `domain BEGUN SIGKILL 4711` for another one. A test
 * that sent it when it has read the line would come too late where the machine is busy.
 */
const [step, code, signal, pid = String(process.pid)] = (process.env["TALLYSTICK_SIGNAL_AT"] ?? "").split(" ");
const write = process.stdout.write.bind(process.stdout);

process.stdout.write = (text, ...rest) => {
  const written = write(text, ...rest);
  for (const line of String(text).split("\n")) {
    if (!line.startsWith("{")) continue;
    const told = JSON.parse(line);
    if (told.step === step && told.code === code) process.kill(Number(pid), signal);
  }
  return written;
};
