import type { Environment } from "../environment.ts";
import type { Terms } from "../machine/model.ts";

/** The sale of this page over a reload, and what its people chose. */
export class Memory {
  private readonly storage: Environment["storage"];
  private readonly lane: string | null;

  constructor(storage: Environment["storage"], lane: string | null) {
    this.storage = storage;
    this.lane = lane;
  }

  /** Written before the sale is asked for; a browser that keeps nothing sells all the same. */
  remember(terms: Terms): void {
    this.write(this.key, JSON.stringify(terms));
  }

  forget(): void {
    try {
      this.storage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }

  remembered(): Terms | null {
    try {
      const { id, amount, currency } = JSON.parse(this.storage.getItem(this.key) ?? "null") as Partial<Terms>;
      if (typeof id !== "string" || typeof amount !== "string" || typeof currency !== "string") return null;
      return { id, amount, currency };
    } catch {
      return null;
    }
  }

  choice(name: string): string | null {
    try {
      return this.storage.getItem(`tallystick.${name}`);
    } catch {
      return null;
    }
  }

  choose(name: string, value: string): void {
    this.write(`tallystick.${name}`, value);
  }

  private get key(): string {
    return `tallystick.sale.${this.lane ?? ""}`;
  }

  private write(key: string, value: string): void {
    try {
      this.storage.setItem(key, value);
    } catch {
      // A full or a forbidden storage: the terminal still has every sale.
    }
  }
}
