/** One thing that is wrong with a configuration: where, and what to do. */
export interface ConfigFault {
  /** Path of the setting, such as `limits.listAgeSeconds`; empty for the file as a whole. */
  readonly at: string;
  readonly message: string;
}

/** Thrown at start with every fault of the configuration at once; nothing runs on half a configuration. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "CONFIGURATION_REFUSED";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => (fault.at === "" ? fault.message : `${fault.at}: ${fault.message}`)).join("\n"));
    this.faults = faults;
  }
}
