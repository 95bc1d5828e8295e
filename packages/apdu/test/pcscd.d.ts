/** A pcscd of our own with virtual readers; each reader waits for a card on its TCP port. */
export interface Pcscd {
  readonly readers: readonly {
    readonly name: string;
    readonly port: number;
  }[];
  kill(): Promise<void>;
  start(): Promise<void>;
}
/** Starts pcscd with its service at `socket`, beside any other pcscd and without root. */
export declare function startPcscd({ readers, socket }: { readers: number; socket: string }): Promise<Pcscd>;
