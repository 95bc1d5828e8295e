import type { Timer } from "../loops/timer.ts";

/** A timer whose time passes when the test says so. */
export class ManualTimer implements Timer {
  now = 0;
  private readonly planned = new Map<number, { readonly at: number; readonly run: () => void }>();
  private ids = 0;

  /** Milliseconds from now until each call that is planned, the next one first. */
  get waits(): readonly number[] {
    return [...this.planned.values()].map(({ at }) => at - this.now).sort((a, b) => a - b);
  }

  after(ms: number, run: () => void): () => void {
    this.ids += 1;
    const id = this.ids;
    this.planned.set(id, { at: this.now + ms, run });
    return () => {
      this.planned.delete(id);
    };
  }

  /** Lets time pass; what is due runs, and what that begins has settled when this resolves. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    for (const [id, { at, run }] of [...this.planned]) {
      if (at > this.now || !this.planned.delete(id)) continue;
      run();
    }
    await settled();
  }
}

/** Resolves when every promise that can go on has gone on. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
