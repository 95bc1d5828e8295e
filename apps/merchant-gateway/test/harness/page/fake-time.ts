import type { After } from "@tallystick/gateway-client";

/** Time that a test lets pass. */
export class FakeTime {
  now = 0;
  private readonly due = new Map<number, { readonly at: number; readonly callback: () => void }>();
  private made = 0;

  readonly after: After = (ms, callback) => {
    const id = (this.made += 1);
    this.due.set(id, { at: this.now + ms, callback });
    return () => {
      this.due.delete(id);
    };
  };

  /** Callbacks that are due later. */
  get waiting(): number {
    return this.due.size;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = [...this.due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (next === undefined) break;
      const [id, { at, callback }] = next;
      this.due.delete(id);
      this.now = at;
      callback();
    }
    this.now = end;
  }
}
