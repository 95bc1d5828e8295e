import type { Reader } from "@tallystick/apdu";

/** One command that went over a reader. */
export interface RecordedCommand {
  /** Class, instruction, P1 and P2 in hexadecimal. */
  readonly header: string;
  /** Bytes of the answer with its status word; 0 where none came. */
  readonly answered: number;
}

/** A reader over which everything goes as before, and is recorded. */
export function recordedReader(reader: Reader, commands: RecordedCommand[]): Reader {
  return {
    name: reader.name,
    status: () => reader.status(),
    waitForCard: (options) => reader.waitForCard(options),
    waitForRemoval: (options) => reader.waitForRemoval(options),
    connect: async (options) => {
      const connection = await reader.connect(options);
      const record = (command: Uint8Array, answered: number) =>
        commands.push({ header: Buffer.from(command.subarray(0, 4)).toString("hex"), answered });
      return new Proxy(connection, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (name !== "transmit") return typeof member === "function" ? member.bind(target) : member;
          return async (command: Uint8Array) => {
            try {
              const answer = await target.transmit(command);
              record(command, answer.length);
              return answer;
            } catch (error) {
              record(command, 0);
              throw error;
            }
          };
        },
      });
    },
  };
}
