// The parts of the story
export { createCard, type Card } from "./card.ts";
export { httpClient, AnswerError, type Http } from "./http.ts";
export { issueCard, type IssuedCard } from "./issuer-office.ts";
export { createNarrator, type Narrator } from "./narrator.ts";
export { poll } from "./offline.ts";
export type { ReaderSlot } from "./reader-slot.ts";
export type { ReconciliationAnswer, Settlement } from "./settlement.ts";
export type { Shop, TapAnswer } from "./shop.ts";
export { createWorld, type World } from "./world.ts";

// Its report
export type {
  BatchReport,
  ClaimReport,
  DemoReport,
  ForkReport,
  MoneyReport,
  RefundReport,
  TapReport,
  UploadReport,
} from "./report.ts";
