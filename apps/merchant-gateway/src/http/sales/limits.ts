/** Texts of a sale that a merchant names: who sells, and its own number of the sale. */
export const MAX_SALE_TEXT_LENGTH = 64;

/** Metadata of one sale: entries, and characters of a name and of a value. */
export const MAX_SALE_METADATA = 16;
export const MAX_METADATA_NAME_LENGTH = 40;
export const MAX_METADATA_VALUE_LENGTH = 500;

/** Streams of sales that are open at once: the pages of a merchant, and its own programs. */
export const MAX_SALE_STREAMS = 32;

/** Between two signs of life on a stream: who hears none for twice as long, and a little, has lost it. */
export const STREAM_BEAT_MS = 2_000;
