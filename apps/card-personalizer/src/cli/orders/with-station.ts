import type { Visits } from "../../config/config-schema.ts";
import { keyUseOf, type Config } from "../../config/load-config.ts";
import { openPackage } from "../../card/load-file.ts";
import { Journal } from "../../journal/journal.ts";
import { openMasterKeys } from "../../keys/key-files.ts";
import { createPinFolder } from "../../keys/pin-letters.ts";
import { openStock } from "../../keys/stock.ts";
import type { IssueOptions } from "../../order/issue-order.ts";
import { createSettlementClient } from "../../settlement/settlement-client.ts";
import { openIssuerTerminal } from "../../terminal/issuer-terminal.ts";
import { createEnvironment, type ProgramIo } from "../program-io.ts";

/** What every card of an order has in common. */
export type Station = IssueOptions["station"];

/** What a command line says of how cards are made. */
export interface StationFlags {
  readonly allowDefaultKeys?: boolean;
  readonly retryKeys?: boolean;
  readonly visits?: Visits;
  readonly takeOver?: boolean;
}

/** Opens what every card of an order needs, but the readers, and closes it whatever happens. */
export async function withStation<T>(
  config: Config,
  { allowDefaultKeys = false, retryKeys = false, visits, takeOver = false }: StationFlags,
  { signal }: ProgramIo,
  work: (station: Station) => Promise<T>,
): Promise<T> {
  const keys = openMasterKeys(config, keyUseOf(config));
  const stock = openStock(config.stock, keyUseOf(config));
  const loadFile = openPackage(config.stock);
  const environment = createEnvironment(signal);
  const { pinFolder, settlement, token, station, operator } = config;
  const draw = (length: number): Uint8Array => environment.randomBytes(length);
  const journal = new Journal(config.journal);
  try {
    return await work({
      ...{ config, keys, stock, loadFile, journal, environment, signal, retryKeys },
      letters: pinFolder === undefined ? null : createPinFolder(pinFolder, draw),
      terminal: openIssuerTerminal(config),
      settlement: createSettlementClient({
        url: settlement.url,
        token,
        ...{ signal, station, operator },
      }),
      visits: visits ?? config.visits ?? "one",
      takesOver: takeOver,
      allowDefaultKeys: config.mode === "development" || allowDefaultKeys,
    });
  } finally {
    journal.close();
  }
}
