import { LOG_TILE_NODES, rangeHashes, type ReadNodes } from "@tallystick/ledger-core";
import type { RawBuilder } from "kysely";
import type { LedgerConnection } from "../ledger/postgres-ledger.ts";
import { nodeReader } from "../ledger/postgres-log.ts";

/**
 * Answers the hashes that stand for the entries between two places of the log, for places that only
 * go on. It keeps the tile of each level that it read last, so that many small ranges cost few
 * reads.
 */
export function createRangeProofs(
  connection: LedgerConnection,
  size: number,
): (range: { readonly from: number; readonly to: number }) => Promise<readonly Uint8Array[]> {
  const run = async <Row>(query: RawBuilder<unknown>): Promise<Row[]> =>
    (await (query as RawBuilder<Row>).execute(connection)).rows;
  const read = nodeReader(run);
  const tiles = new Map<number, { readonly first: number; readonly hashes: readonly Uint8Array[] }>();
  const cached: ReadNodes = async (level, from, count) => {
    const first = from - (from % LOG_TILE_NODES);
    let tile = tiles.get(level);
    if (tile?.first !== first) {
      const nodes = Math.floor(size / LOG_TILE_NODES ** level);
      tile = { first, hashes: await read(level, first, Math.min(LOG_TILE_NODES, nodes - first)) };
      tiles.set(level, tile);
    }
    return tile.hashes.slice(from - first, from - first + count);
  };
  return async (range) => await rangeHashes(range, cached);
}
