import { ConsoleFilesController } from "./console-files.controller.ts";
import { ConsoleFormsController } from "./console-forms.controller.ts";
import { ConsoleProgrammeController } from "./console-programme.controller.ts";
import { ConsoleRootController } from "./console-root.controller.ts";
import { ConsoleThingsController } from "./console-things.controller.ts";
import { ConsoleWorkController } from "./console-work.controller.ts";
import { ConsoleController } from "./console.controller.ts";
import { Frames } from "./frames.ts";
import { LiveUpdates } from "./live-updates.ts";
import { BookReader } from "./read/books.ts";
import { CardReader } from "./read/cards.ts";
import { ChartReader } from "./read/charts.ts";
import { MerchantReader } from "./read/merchants.ts";
import { MoneyTexts } from "./read/money-texts.ts";
import { OverviewReader } from "./read/overview.ts";
import { ProgrammeReader } from "./read/programme.ts";
import { Search } from "./read/search.ts";
import { TransactionReader } from "./read/transactions.ts";
import { VoucherLives } from "./read/voucher-life.ts";
import { PartyFormsController } from "./forms/party-forms.controller.ts";
import { CostsPageController } from "./money/costs-page.controller.ts";
import { AlarmReader } from "./read/waiting/alarms.ts";
import { ApprovalReader } from "./read/waiting/approvals.ts";
import { WaitingReader } from "./read/waiting/waiting.ts";
import { WorkReader } from "./read/work.ts";
import { AlarmsPageController } from "./waiting/alarms-page.controller.ts";
import { JoiningPageController } from "./waiting/joining-page.controller.ts";

/** The console's pages, forms and files. */
export const consoleControllers = [
  ConsoleRootController,
  ConsoleController,
  ConsoleThingsController,
  ConsoleProgrammeController,
  ConsoleWorkController,
  ConsoleFormsController,
  ConsoleFilesController,
  PartyFormsController,
  ...[AlarmsPageController, JoiningPageController, CostsPageController],
];

/** What they read, and what tells browsers of changes. */
export const consoleProviders = [
  ...[Frames, LiveUpdates, MoneyTexts, OverviewReader, ChartReader, Search, VoucherLives],
  ...[MerchantReader, CardReader, WorkReader, TransactionReader, BookReader, ProgrammeReader],
  ...[WaitingReader, AlarmReader, ApprovalReader],
];
