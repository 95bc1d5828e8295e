// The parts of the story
export { runCommand, startApp, type AppProcess, type CommandOutcome } from "./stack/app-process.ts";
export { createCard, type Card } from "./stack/card.ts";
export { httpClient, AnswerError, unlessAway, type Http } from "./stack/http.ts";
export { issueCard, type IssuedCard } from "./story/issue-card.ts";
export { createNarrator, type Narrator } from "./story/narrator.ts";
export { poll } from "./stack/poll.ts";
export type { ReaderSlot } from "./stack/reader-slot.ts";
export type { ReconciliationAnswer, Settlement } from "./stack/settlement.ts";
export type { Merchant, TapAnswer } from "./stack/merchant.ts";
export { type Between, createDemoStack, type DemoStack } from "./stack/demo-stack.ts";

// A programme from nothing
export { rehearseProgramme, type Rehearsal } from "./programme/rehearse.ts";

// Its report
export type {
  BatchReport,
  ClaimReport,
  DemoReport,
  ForkReport,
  MoneyReport,
  RefundReport,
  TapReport,
  TopUpReport,
  UploadReport,
} from "./report/report.ts";
export type { DemoDocument } from "./report/document.ts";
