import type { CardConnection, Reader, ReaderStatus } from "@tallystick/apdu";
import type { LaneConfig } from "../config/gateway-config.ts";
import { RateKeeper, withRate } from "./rate/rate-keeper.ts";
import { ReaderWatch } from "./reader-watch.ts";
import type { ReaderSource } from "./open-reader.ts";

type Wait = Parameters<Reader["waitForCard"]>[0];
type Connect = Parameters<Reader["connect"]>[0];

/** A reader behind which another one can be put while nobody uses it. */
class ChangeableReader implements Reader {
  private current: Reader;

  constructor(first: Reader) {
    this.current = first;
  }

  get name(): string {
    return this.current.name;
  }

  change(reader: Reader): void {
    this.current = reader;
  }

  status(): Promise<ReaderStatus> {
    return this.current.status();
  }

  waitForCard(options: Wait): Promise<ReaderStatus> {
    return this.current.waitForCard(options);
  }

  waitForRemoval(options: Wait): Promise<void> {
    return this.current.waitForRemoval(options);
  }

  connect(options: Connect): Promise<CardConnection> {
    return this.current.connect(options);
  }
}

/** A lane, its reader, and what is seen of it. */
export interface LaneReader {
  readonly name: string;
  readonly reader: Reader;
  readonly watch: ReaderWatch;
}

export interface LaneReadersParts {
  readonly lanes: readonly LaneConfig[];
  readonly source: ReaderSource;
  /** The reader that somebody gave to a lane in place of the configured one; null where nobody did. */
  readonly assigned: (lane: LaneConfig) => string | null;
  readonly isBusyAt: (lane: string) => boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  /** Whether readers whose manual is known are set to 424 kbit/s. */
  readonly raisesRate: boolean;
  /** Once for each reader that refuses to be asked about its rate. */
  readonly warn: (message: string) => void;
}

/** The readers of all lanes. One that is moved or replaced stops no other lane. */
export class LaneReaders {
  readonly all: readonly LaneReader[];
  private readonly parts: LaneReadersParts;
  private readonly readers = new Map<string, ChangeableReader>();

  constructor(parts: LaneReadersParts) {
    this.parts = parts;
    const { source, assigned, isBusyAt, elapsed, raisesRate: raises, warn } = parts;
    this.all = parts.lanes.map((lane) => {
      const { name } = lane;
      const reader = new ChangeableReader(source.of({ ...lane, reader: assigned(lane) ?? lane.reader }));
      this.readers.set(name, reader);
      const rate = new RateKeeper({ name: () => reader.name, raises, warn });
      const watch = new ReaderWatch({ reader, isBusy: () => isBusyAt(name), elapsed, rate });
      return { name, reader: withRate(reader, rate), watch };
    });
  }

  /** The lane of this name; null where there is none. */
  of(name: string): LaneConfig | null {
    return this.parts.lanes.find((lane) => lane.name === name) ?? null;
  }

  /** Puts another reader behind a lane, which must be at no tap. */
  change(lane: LaneConfig, reader: string): void {
    this.readers.get(lane.name)?.change(this.parts.source.of({ ...lane, reader }));
    this.all.find(({ name }) => name === lane.name)?.watch.forget();
  }

  /** Names of the readers that are plugged in. Rejects with a ReaderError. */
  async plugged(): Promise<readonly string[]> {
    return await this.parts.source.names();
  }
}
