// The software card
export {
  openSoftwareCard,
  type SoftwareCard,
  type SoftwareCardOptions,
  type SoftwareCardStore,
} from "./software-card.ts";
export { CARD_IMAGE_BYTES } from "./card-image.ts";
export type { RandomBytes } from "./card-context.ts";
