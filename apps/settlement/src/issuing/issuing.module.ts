import { Module, type DynamicModule } from "@nestjs/common";
import { AllowancesController } from "./allowances/allowances.controller.ts";
import { Allowances } from "./allowances/allowances.ts";
import { CardBounds } from "./allowances/card-bounds.ts";
import { CardViewsController } from "./allowances/card-views.controller.ts";
import { CardViews } from "./allowances/card-views.ts";
import { CardLimits } from "./policy/card-limits.ts";
import { CardKeys } from "./policy/card-keys.ts";
import { CardKeysController } from "./policy/card-keys.controller.ts";
import { CardLimitsController } from "./policy/card-limits.controller.ts";
import { AllowancePolicy } from "./policy/allowance-policy.ts";
import { Mailbox } from "./mailbox/mailbox.ts";
import { CardRegister } from "./cards/card-register.ts";
import { CardStatuses } from "./cards/card-statuses.ts";
import { CardStreams } from "./cards/card-streams.ts";
import { CardsController } from "./cards/cards.controller.ts";
import { Fundings } from "./cards/fundings.ts";
import { Admissions } from "./joining/admissions.ts";
import { CertificateRequestsController } from "./joining/certificate-requests.controller.ts";
import { CertificateRequests } from "./joining/certificate-requests.ts";
import { FirstUnits } from "./joining/first-units.ts";
import { PayeesController } from "./joining/payees.controller.ts";
import { RequestDecisions } from "./joining/request-decisions.ts";
import { IssuerListsController } from "./lists/issuer-lists.controller.ts";
import { IssuerLists } from "./lists/issuer-lists.ts";
import { MerchantsController } from "./merchants/merchants.controller.ts";
import { Merchants } from "./merchants/merchants.ts";
import { Renewals } from "./merchants/renewals.ts";
import { Withdrawals } from "./merchants/withdrawals.ts";
import { OrderReportsController } from "./order-reports/order-reports.controller.ts";
import { OrderReports } from "./order-reports/order-reports.ts";
import { PayoutsController } from "./payouts/payouts.controller.ts";
import { Payouts } from "./payouts/payouts.ts";
import { CardReferences } from "./references/card-references.ts";
import { CardReferencesController } from "./references/card-references.controller.ts";
import { ReplacementDeposits } from "./replacements/replacement-deposits.ts";
import { ReplacementRuns } from "./replacements/replacement-runs.ts";
import { ReplacementsController } from "./replacements/replacements.controller.ts";
import { ReplacementViews } from "./replacements/replacement-views.ts";
import { Replacements } from "./replacements/replacements.ts";
import { RuleSuspender } from "./status-list/rule-suspender.ts";
import { StatusListController } from "./status-list/status-list.controller.ts";
import { StatusLists } from "./status-list/status-lists.ts";
import { VoidSuspender } from "./status-list/void-suspender.ts";

/**
 * What the issuer does: cards and their funding, allowances, status lists, certificates of
 * terminals, payouts.
 */
@Module({
  controllers: [
    IssuerListsController,
    CardsController,
    CardViewsController,
    CardReferencesController,
    AllowancesController,
    CardLimitsController,
    CardKeysController,
    ReplacementsController,
    OrderReportsController,
    MerchantsController,
    CertificateRequestsController,
    PayeesController,
    PayoutsController,
    StatusListController,
  ],
  providers: [
    ...[CardRegister, CardReferences, CardStatuses, CardStreams, Fundings],
    ...[CardBounds, Allowances, CardViews, Mailbox, AllowancePolicy, CardLimits, CardKeys],
    ...[Replacements, ReplacementDeposits, ReplacementRuns, ReplacementViews, OrderReports],
    ...[RuleSuspender, VoidSuspender, StatusLists],
    ...[Admissions, CertificateRequests, RequestDecisions, FirstUnits],
    ...[Merchants, Renewals, Withdrawals, Payouts, IssuerLists],
  ],
  exports: [
    ...[OrderReports, Replacements, ReplacementViews],
    ...[CardLimits, RequestDecisions, Withdrawals],
    ...[CardRegister, CardStreams, CardViews, Fundings, Payouts],
    ...[Allowances, AllowancePolicy, FirstUnits, Mailbox, Renewals, ReplacementRuns, StatusLists],
  ],
})
export class IssuingModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: IssuingModule, imports: below };
  }
}
