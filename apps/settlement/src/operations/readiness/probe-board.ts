import { Repeater, type RepeaterLog, systemTimer, type Timer, within } from "@tallystick/program";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { Finding, Probe, ReadinessNote } from "./findings.ts";

/** Whether money moves, and what keeps it from it. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly reasons: readonly ReadinessNote[];
  /** What a person has to do, although money moves. */
  readonly warnings: readonly ReadinessNote[];
}

export interface ProbeBoardOptions {
  /** In the order in which their findings are shown. */
  readonly probes: readonly Probe[];
  /** Milliseconds since 1970: what `since` says. */
  readonly now: () => number;
  /** Milliseconds, never running backwards. */
  readonly elapsed?: () => number;
  readonly timer?: Timer;
  readonly log: RepeaterLog;
}

/** A probe with what it found last. */
interface Watched {
  readonly probe: Probe;
  findings: readonly Finding[] | null;
  /** The look that has not ended, and since when it runs. */
  look: { readonly since: number; readonly done: Promise<void> } | null;
  readonly loop: Repeater;
}

/**
 * Looks at every part in the background, each with its own time limit, and answers at once what was
 * found last. A look that does not end in time is itself a finding; no second one is begun beside it.
 */
export class ProbeBoard {
  private readonly options: ProbeBoardOptions;
  private readonly elapsed: () => number;
  private readonly timer: Timer;
  private readonly watched: readonly Watched[];
  private readonly since = new Map<string, number>();

  constructor(options: ProbeBoardOptions) {
    this.options = options;
    this.elapsed = options.elapsed ?? (() => performance.now());
    this.timer = options.timer ?? systemTimer;
    this.watched = options.probes.map((probe) => this.watch(probe));
  }

  /** Begins to look; a process that only answers requests looks too. */
  start(): void {
    for (const { loop } of this.watched) loop.start();
  }

  /** Looks no more. What hangs is left behind. */
  async stop(): Promise<void> {
    await Promise.all(this.watched.map(({ loop }) => within(LIMITS.probeLimitMs, loop.stop(), this.timer)));
  }

  /** What was found last. Right after the start it waits for the first looks, but not for long. */
  async report(): Promise<ReadinessReport> {
    const first = this.watched.filter(({ findings }) => findings === null).map((each) => this.firstLook(each));
    if (first.length > 0) await within(LIMITS.answerWaitMs, Promise.all(first), this.timer);
    const findings = this.watched.flatMap((each) => each.findings ?? this.hanging(each));
    this.remember(findings);
    const notes = (level: Finding["level"]): readonly ReadinessNote[] =>
      findings.filter((finding) => finding.level === level).map((finding) => this.note(finding));
    const reasons = notes("reason");
    return { ready: reasons.length === 0, reasons, warnings: notes("warning") };
  }

  /** The first of these codes that was found last, at once; null where none was. */
  standing(codes: readonly string[]): ReadinessNote | null {
    const found = this.watched.flatMap(({ findings }) => findings ?? []).find(({ code }) => codes.includes(code));
    return found === undefined ? null : this.note(found);
  }

  private watch(probe: Probe): Watched {
    const watched: Watched = {
      ...{ probe, findings: null, look: null },
      loop: new Repeater({
        pass: () => this.pass(watched),
        pauseMs: probe.everyMs,
        log: this.options.log,
        timer: this.timer,
      }),
    };
    return watched;
  }

  /** A report that comes before the loop has begun looks at once. */
  private firstLook(watched: Watched): Promise<void> {
    return (watched.look ?? this.begin(watched)).done;
  }

  private async pass(watched: Watched): Promise<void> {
    const look = watched.look ?? this.begin(watched);
    const ended = await within(LIMITS.probeLimitMs, look.done, this.timer);
    if (ended === null) watched.findings = this.hanging(watched);
    this.remember(this.watched.flatMap(({ findings }) => findings ?? []));
  }

  private begin(watched: Watched): { readonly since: number; readonly done: Promise<void> } {
    const done = this.look(watched.probe).then((findings) => {
      watched.findings = findings;
      watched.look = null;
    });
    watched.look = { since: this.elapsed(), done };
    return watched.look;
  }

  private async look(probe: Probe): Promise<readonly Finding[]> {
    try {
      return await probe.look();
    } catch (error) {
      return probe.fault({ kind: "threw", error });
    }
  }

  private hanging({ probe, look }: Watched): readonly Finding[] {
    const forMs = look === null ? 0 : this.elapsed() - look.since;
    return probe.fault({ kind: "hangs", forMs });
  }

  /** Since when each code is found without a break. */
  private remember(findings: readonly Finding[]): void {
    const found = new Set(findings.map(({ code }) => code));
    for (const code of this.since.keys()) if (!found.has(code)) this.since.delete(code);
    for (const code of found) if (!this.since.has(code)) this.since.set(code, this.options.now());
  }

  private note({ code, message, next, since, renewed }: Finding): ReadinessNote {
    const at = since?.getTime() ?? this.since.get(code) ?? this.options.now();
    const note = { code, message, next, since: new Date(at).toISOString() };
    return renewed === undefined ? note : { ...note, renewed: renewed.toISOString() };
  }
}
