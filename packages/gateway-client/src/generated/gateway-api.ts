// Written from docs/reference/openapi/gateway.json by `pnpm --filter @tallystick/gateway-client generate`.
export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers; it asks no other part */
        get: operations["showLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is left on the card
         * @description By SELECT alone: no payment is begun, and no network is needed. Hanging up ends the wait for a card.
         */
        get: operations["showBalance"];
        put?: never;
        /**
         * What is left on the card, and its last payments
         * @description The cardholder's PIN opens the card's own record of its last 16 payments, wherever they were made.
         */
        post: operations["showPayments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Paired devices
         * @description The newest first.
         */
        get: operations["listDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a device
         * @description Its key is worth nothing from now on; it may be paired again.
         */
        delete: operations["revokeDevice"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Changes of sales as they happen
         * @description Server-sent events: `sale` with the whole sale after each change, `beat` every two seconds. Who comes back reads the sale by its id, so that no state is ever lost.
         */
        get: operations["followSales"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lanes and readers
         * @description Each lane with its reader, and the readers that are plugged in.
         */
        get: operations["listLanes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lanes/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Give a lane another reader
         * @description For a reader that was replaced or moved to another port; the other lanes go on selling. It holds until the configuration names another reader for the lane.
         */
        put: operations["changeLane"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/money": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the money is
         * @description Of each currency the payments by stage, with who says so, and the payee's account in the vault as the newest final block showed it.
         */
        get: operations["showMoney"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/money/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay out what the vault owes
         * @description To the payee, whoever sends it. With a key in `claim` this terminal sends it; without one the answer is the call, which any account may send.
         */
        post: operations["withdrawMoney"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pairing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pair this device
         * @description With a code that the box shows (`tallystick-gateway pair`), which pairs one device within ten minutes. A browser gets a cookie, a program its key.
         */
        post: operations["pairDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payee": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is paid
         * @description The payee's address, and how far the one unit is that settlement sent it first.
         */
        get: operations["showPayee"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payee/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that the first unit came
         * @description The owner looked in the wallet that is paid, and the unit is there. From then on settlement plans payouts to it.
         */
        post: operations["confirmPayee"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payee/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the payee's other terminals took
         * @description As settlement listed it when `take-over` was run last, the newest first. This terminal reverses, refunds and sends none of them.
         */
        get: operations["listOtherPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/readiness": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The terminal's state
         * @description Answered 503 with the same members while the terminal cannot sell.
         */
        get: operations["showReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Closed periods, newest first
         * @description At most 31 in one answer.
         */
        get: operations["listReports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/x": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What has come since the last Z
         * @description By currency, cashier and lane, without a network. Closes nothing.
         */
        get: operations["showXReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/x.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What moved money since the last Z, as CSV */
        get: operations["exportOpenPeriod"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/z": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close the period
         * @description Each payment stands in exactly one Z, and their numbers follow one another.
         */
        post: operations["closePeriod"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One closed period */
        get: operations["showReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/{n}.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What moved money in a closed period, as CSV
         * @description A line for each payment, reversal and refund. Columns: report, entry, type, time, sale, reference, cashier, lane, currency, amount, card, voucher, tap, refund.
         */
        get: operations["exportReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sales, newest first
         * @description At most 50 in one answer.
         */
        get: operations["listSales"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One sale
         * @description Reading never charges.
         */
        get: operations["showSale"];
        /**
         * Ask for a sale, or read it
         * @description A new id begins to wait for a card and is answered at once. A known one is read and nothing begins: the same id never charges twice.
         */
        put: operations["putSale"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try once more
         * @description With a PIN, with another card, at another lane, or with the same card after a torn tap. Answered at once.
         */
        post: operations["attemptSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop waiting for a card
         * @description Answers what the sale has come to: a stop that comes too late finds it paid.
         */
        post: operations["cancelSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a sale back, whole or in part
         * @description Like a tap's refund: by reversal, release or refund. A refundId gives back once, and is read after that.
         */
        post: operations["refundSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sales/{id}/reversal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reverse a sale
         * @description An open one is never sent to its card again; a paid one goes back to the card, as long as neither the chain nor settlement shows its end.
         */
        post: operations["reverseSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This device, and who is signed in on it
         * @description Answered to every device, also to one that is not paired.
         */
        get: operations["showSession"];
        put?: never;
        /**
         * Sign a person in on this device
         * @description Wrong PINs are counted for the person, also over a restart, and after some of them the next one is looked at after a wait that grows.
         */
        post: operations["signIn"];
        /**
         * Sign out
         * @description The device stays paired.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange with settlement now
         * @description Fetches head and status list, sends what is unsent, asks for what was sent, and looks on the chain for what is paid.
         */
        post: operations["exchangeNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/taps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Taps, newest first
         * @description At most 50 in one answer.
         */
        get: operations["listPayments"];
        put?: never;
        /**
         * Take one payment
         * @description One at a time at each lane: a second request meanwhile is answered 409 TAP_IN_PROGRESS.
         */
        post: operations["takePayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/taps/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tap */
        get: operations["showPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/taps/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reverse a payment
         * @description An open one is never sent to its card again; a paid one goes back to the card, as long as neither the chain nor settlement shows its end.
         */
        post: operations["reversePayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/taps/{id}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a payment back, whole or in part
         * @description Reverses, releases or refunds it, by where it is. The same refundId again answers how far it has come, and never gives back twice.
         */
        post: operations["refundPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The endpoints of the configuration, and how they fare */
        get: operations["listWebhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages and where they are on their way, newest first
         * @description At most 50 in one answer.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message, with its bytes */
        get: operations["showDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/deliveries/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message once more
         * @description With the same id and bytes; its tries begin anew.
         */
        post: operations["redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{name}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell an endpoint again that answered 410
         * @description What waits is sent; what was given up is sent where it is redelivered.
         */
        post: operations["enableWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            next?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    showLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        live: true;
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showBalance: {
        parameters: {
            query?: {
                /** @description Name of a lane of this terminal; the first one when left out */
                lane?: string;
                /** @description How long to wait for a card */
                waitSeconds?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the card shows, in each currency that is served here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Why nothing is shown, such as CARD_ABSENT; null where something is */
                        code: string | null;
                        message: string | null;
                        /** @description Status word of the last command that decided */
                        sw: string | null;
                        balances: {
                            currency: string;
                            card: string | null;
                            /** @description What can still be spent, as the card says; null where no issuer signed it */
                            left: string | null;
                            /** @description The most that it can pay here at once */
                            payable: string | null;
                            /** @description What it pays until a PIN is asked for; null where one is asked for at once */
                            withoutPin: {
                                amount: string;
                                /** @description null: no count limits them */
                                payments: number | null;
                            } | null;
                            /** @description Payments until it needs a newer allowance */
                            paymentsLeft: number | null;
                            /** @description Seconds since 1970 */
                            validFrom: number;
                            /** @description Seconds since 1970 */
                            validUntil: number;
                            /** @description Why it would not pay here now; null where nothing is against it */
                            code: string | null;
                            message: string | null;
                            /** @description The last payments, newest first; null where the PIN was not entered, or not taken */
                            payments: {
                                counter: number;
                                amount: string;
                                time: number;
                                payee: string;
                                /** @description Paid to this terminal's payee */
                                here: boolean;
                            }[] | null;
                            /** @description Why they are not shown though a PIN was entered */
                            paymentsCode: string | null;
                            paymentsMessage: string | null;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showPayments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The cardholder's PIN, entered at the terminal; sent only to a card that requires it, never kept or logged */
                    pin: string;
                    /** @description Name of a lane of this terminal; the first one when left out */
                    lane?: string;
                    waitSeconds?: number;
                };
            };
        };
        responses: {
            /** @description What the card shows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Why nothing is shown, such as CARD_ABSENT; null where something is */
                        code: string | null;
                        message: string | null;
                        /** @description Status word of the last command that decided */
                        sw: string | null;
                        balances: {
                            currency: string;
                            card: string | null;
                            /** @description What can still be spent, as the card says; null where no issuer signed it */
                            left: string | null;
                            /** @description The most that it can pay here at once */
                            payable: string | null;
                            /** @description What it pays until a PIN is asked for; null where one is asked for at once */
                            withoutPin: {
                                amount: string;
                                /** @description null: no count limits them */
                                payments: number | null;
                            } | null;
                            /** @description Payments until it needs a newer allowance */
                            paymentsLeft: number | null;
                            /** @description Seconds since 1970 */
                            validFrom: number;
                            /** @description Seconds since 1970 */
                            validUntil: number;
                            /** @description Why it would not pay here now; null where nothing is against it */
                            code: string | null;
                            message: string | null;
                            /** @description The last payments, newest first; null where the PIN was not entered, or not taken */
                            payments: {
                                counter: number;
                                amount: string;
                                time: number;
                                payee: string;
                                /** @description Paid to this terminal's payee */
                                here: boolean;
                            }[] | null;
                            /** @description Why they are not shown though a PIN was entered */
                            paymentsCode: string | null;
                            paymentsMessage: string | null;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    listDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Devices that are paired now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        devices: {
                            id: string;
                            name: string;
                            /** @description Seconds since 1970 */
                            pairedAt: number;
                            /** @description Who is signed in there */
                            person: {
                                name: string;
                                /** @enum {string} */
                                role: "cashier" | "manager" | "owner";
                            } | null;
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    revokeDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The devices that are left */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        devices: {
                            id: string;
                            name: string;
                            /** @description Seconds since 1970 */
                            pairedAt: number;
                            /** @description Who is signed in there */
                            person: {
                                name: string;
                                /** @enum {string} */
                                role: "cashier" | "manager" | "owner";
                            } | null;
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description DEVICE_UNKNOWN: No paired device has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "DEVICE_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    followSales: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events; the data of `sale` is one sale */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description STREAMS_FULL: Too many listen to the sales already. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "STREAMS_FULL";
                    };
                };
            };
        };
    };
    listLanes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lanes in the order of the configuration */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lanes: {
                            name: string;
                            /** @description The reader that the configuration names */
                            configured: string;
                            reader: {
                                name: string;
                                /** @enum {string} */
                                state: "ready" | "card" | "busy" | "mute" | "unusable";
                                code: string | null;
                                message: string | null;
                                rate: {
                                    /** @enum {string} */
                                    state: "untold" | "unasked" | "told" | "refused";
                                    /** @description With the last card, of the slower direction; null where the reader does not tell */
                                    kbps: (106 | 212 | 424 | 848) | null;
                                    /** @description The most that the reader offers to cards */
                                    mostKbps: (106 | 212 | 424 | 848) | null;
                                    /** @description How much longer a tap takes than at 424 kbit/s, by the model, where the card is met first */
                                    slowerByMs: number | null;
                                };
                            };
                        }[];
                        /** @description Readers that are plugged in, by their names in PC/SC */
                        plugged: string[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    changeLane: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The reader that the lane gets */
                    reader: string;
                };
            };
        };
        responses: {
            /** @description The lanes as they are then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lanes: {
                            name: string;
                            /** @description The reader that the configuration names */
                            configured: string;
                            reader: {
                                name: string;
                                /** @enum {string} */
                                state: "ready" | "card" | "busy" | "mute" | "unusable";
                                code: string | null;
                                message: string | null;
                                rate: {
                                    /** @enum {string} */
                                    state: "untold" | "unasked" | "told" | "refused";
                                    /** @description With the last card, of the slower direction; null where the reader does not tell */
                                    kbps: (106 | 212 | 424 | 848) | null;
                                    /** @description The most that the reader offers to cards */
                                    mostKbps: (106 | 212 | 424 | 848) | null;
                                    /** @description How much longer a tap takes than at 424 kbit/s, by the model, where the card is met first */
                                    slowerByMs: number | null;
                                };
                            };
                        }[];
                        /** @description Readers that are plugged in, by their names in PC/SC */
                        plugged: string[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. READER_TAKEN: Another lane has this reader. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "READER_TAKEN";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showMoney: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sums by stage */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The address that is paid, with its checksum (EIP-55) */
                        payee: string;
                        time: number;
                        currencies: {
                            currency: string;
                            chainId: string;
                            vault: string;
                            stages: {
                                /**
                                 * @description `terminal`: here alone. `received`: settlement has it. `batch`: on its way to the chain. `vault`: the vault holds it for the payee. `paid-out`: at the payee's address. `attention`: a person must look
                                 * @enum {string}
                                 */
                                stage: "terminal" | "received" | "batch" | "vault" | "paid-out" | "attention";
                                /**
                                 * @description `chain`: this terminal has seen it in a final block
                                 * @enum {string}
                                 */
                                saidBy: "terminal" | "settlement" | "chain";
                                count: number;
                                sum: string;
                                /** @description Seconds since 1970: time of the oldest payment there; null where there is none */
                                oldest: number | null;
                                newest: number | null;
                                /** @description The newest that carry these payments */
                                transactions: {
                                    tx: string;
                                    /** @description The final block; null where none was seen */
                                    block: number | null;
                                    count: number;
                                    sum: string;
                                }[];
                                /** @description Settlement's signed receipts (TLYR) of these payments, newest first */
                                receipts: {
                                    uploadSeq: number;
                                    receivedAt: number;
                                    count: number;
                                    sum: string;
                                }[];
                            }[];
                            /** @description Payouts to the payee in final blocks, newest first; null where this terminal reads no chain */
                            payouts: {
                                tx: string;
                                block: number;
                                amount: string;
                            }[] | null;
                            /** @description The payee's account in the vault, all its terminals together; null until a final block showed it */
                            account: {
                                earned: string;
                                /** @description What left the earnings since the beginning: payouts and refunds */
                                left: string;
                                /** @description What the vault holds for the payee now */
                                owed: string;
                                /** @description What refunds took of it since the last payout */
                                refundedSincePayout: string;
                                asOf: number;
                            } | null;
                            /** @description Seconds since 1970: when this terminal brings its oldest payment to the vault and pays out by itself, where nobody did before; null where it does not */
                            nextPayout: number | null;
                        }[];
                        /** @description What settlement says keeps money in the vault */
                        notices: {
                            code: string;
                            message: string;
                            since: number;
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    withdrawMoney: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Asset code; all currencies when left out */
                    currency?: string;
                };
            };
        };
        responses: {
            /** @description What is on its way, of each currency */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        payee: string;
                        payouts: {
                            currency: string;
                            /**
                             * @description `sent`: a transaction pays the payee. `nothing`: the vault owes nothing. `call`: this terminal has no key; send the call with any account
                             * @enum {string}
                             */
                            state: "sent" | "nothing" | "call";
                            tx: string | null;
                            /** @description What it pays out; null where one of before is under way */
                            amount: string | null;
                            call: {
                                chainId: string;
                                to: string;
                                data: string;
                            } | null;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. CURRENCY_NOT_SERVED: This terminal does not take that currency. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED" | "CURRENCY_NOT_SERVED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. PAYING_KEY_UNREADABLE: The payee's key cannot be read. WRONG_CHAIN: The configured node is of another chain. NO_GAS: The payee's account cannot pay for a transaction. REVERTED: The chain undid the transaction. FEES_TOO_HIGH: The chain asks more for a transaction than this terminal may offer. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "PAYING_KEY_UNREADABLE" | "WRONG_CHAIN" | "NO_GAS" | "REVERTED" | "FEES_TOO_HIGH";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description RPC_UNREACHABLE: The chain's node does not answer; nothing was sent. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RPC_UNREACHABLE";
                    };
                };
            };
        };
    };
    pairDevice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The code that the box shows
                     * @example K7Q2-9FMX
                     */
                    code: string;
                    /** @description How people call the device */
                    name: string;
                };
            };
        };
        responses: {
            /** @description The device, and its key this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        device: {
                            id: string;
                            name: string;
                            /** @description Seconds since 1970 */
                            pairedAt: number;
                        };
                        /** @description The device's key, for programs: `Authorization: Bearer`. It is shown this once */
                        key: string;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PAIRING_CODE_WRONG: No such code is shown at the box. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PAIRING_CODE_WRONG" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description DEVICES_FULL: As many devices are paired as can be. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "DEVICES_FULL";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. PAIRING_SLOWED: Too many wrong codes came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS" | "PAIRING_SLOWED";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showPayee: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payee, and its first unit in each currency */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description With its checksum (EIP-55) */
                        payee: string;
                        firstUnits: {
                            currency: string;
                            /**
                             * @description `sent`: look whether it came and say so; `known`: this payee needed none
                             * @enum {string}
                             */
                            state: "unknown" | "known" | "sent" | "confirmed";
                            amount: string | null;
                            tx: string | null;
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    confirmPayee: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description All currencies when left out */
                    currency?: string;
                };
            };
        };
        responses: {
            /** @description The payee, as it is then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description With its checksum (EIP-55) */
                        payee: string;
                        firstUnits: {
                            currency: string;
                            /**
                             * @description `sent`: look whether it came and say so; `known`: this payee needed none
                             * @enum {string}
                             */
                            state: "unknown" | "known" | "sent" | "confirmed";
                            amount: string | null;
                            tx: string | null;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. CURRENCY_NOT_SERVED: This terminal does not take that currency. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "CURRENCY_NOT_SERVED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description SETTLEMENT_UNREACHABLE: Settlement does not answer; nothing is lost. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SETTLEMENT_UNREACHABLE";
                    };
                };
            };
        };
    };
    listOtherPayments: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of payments of other terminals */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        payments: {
                            voucherId: string;
                            terminalId: string;
                            card: string;
                            counter: number;
                            currency: string;
                            amount: string;
                            /** @description Seconds since 1970 */
                            soldAt: number;
                            /** @description Seconds since 1970 */
                            receivedAt: number;
                            /** @description Where settlement had it when it was asked last */
                            state: string;
                            code: string | null;
                            tx: string | null;
                        }[];
                        /** @description `before` of the next page */
                        next: string | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready, with every warning */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ready: boolean;
                        reasons: {
                            code: string;
                            message: string;
                            /** @description Seconds: since when it is so, as somebody asked */
                            since: number;
                        }[];
                        warnings: {
                            code: string;
                            message: string;
                            /** @description Seconds: since when it is so, as somebody asked */
                            since: number;
                        }[];
                        currency: string;
                        clock: {
                            now: number;
                            floor: number;
                            /** @description Whether the terminal sells by this clock */
                            confirmed: boolean;
                            /** @enum {string|null} */
                            confirmedBy: "battery" | "network" | "settlement" | null;
                            /** @description By settlement's signed answer; null before the first one */
                            rightTime: number | null;
                        };
                        statusList: {
                            seq: number;
                            asOf: number;
                            ageSeconds: number;
                        } | null;
                        unsent: {
                            count: number;
                            sum: string;
                            oldestSeconds: number | null;
                        };
                        limits: {
                            perTap: string | null;
                            unsentSum: string | null;
                            unsentCount: number | null;
                        };
                        /** @description The first lane's */
                        reader: {
                            name: string;
                            /** @enum {string} */
                            state: "ready" | "card" | "busy" | "mute" | "unusable";
                            code: string | null;
                            message: string | null;
                            rate: {
                                /** @enum {string} */
                                state: "untold" | "unasked" | "told" | "refused";
                                /** @description With the last card, of the slower direction; null where the reader does not tell */
                                kbps: (106 | 212 | 424 | 848) | null;
                                /** @description The most that the reader offers to cards */
                                mostKbps: (106 | 212 | 424 | 848) | null;
                                /** @description How much longer a tap takes than at 424 kbit/s, by the model, where the card is met first */
                                slowerByMs: number | null;
                            };
                        };
                        /** @description The first lane's */
                        openSale: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                        /** @description All lanes; the terminal is ready where one of them has a reader that can be used */
                        lanes: {
                            name: string;
                            reader: {
                                name: string;
                                /** @enum {string} */
                                state: "ready" | "card" | "busy" | "mute" | "unusable";
                                code: string | null;
                                message: string | null;
                                rate: {
                                    /** @enum {string} */
                                    state: "untold" | "unasked" | "told" | "refused";
                                    /** @description With the last card, of the slower direction; null where the reader does not tell */
                                    kbps: (106 | 212 | 424 | 848) | null;
                                    /** @description The most that the reader offers to cards */
                                    mostKbps: (106 | 212 | 424 | 848) | null;
                                    /** @description How much longer a tap takes than at 424 kbit/s, by the model, where the card is met first */
                                    slowerByMs: number | null;
                                };
                            };
                            /** @description What a torn tap left open there */
                            openSale: {
                                id: string;
                                saleId: string;
                                /** @enum {string} */
                                outcome: "accepted" | "refused" | "unresolved";
                                /** @description Stable code; null when accepted */
                                code: string | null;
                                /** @description One message for the cashier: what happened and what to do */
                                message: string;
                                amount: string;
                                currency: string;
                                voucherId: string | null;
                                counter: number | null;
                                card: string | null;
                                /** @description Status word of the last command that decided */
                                sw: string | null;
                                apdus: number;
                                spentBefore: string | null;
                                spentAfter: string | null;
                                /** @description What the card can still spend, as it showed; null where it was not asked */
                                left: string | null;
                                /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                                payable: string | null;
                                /** @description Seconds since 1970 */
                                time: number;
                                /** @description The same card may be held to the reader again for this sale */
                                saleOpen: boolean;
                                /** @description What a newer allowance changed that the card was given at this tap */
                                update: {
                                    /**
                                     * @description By how much the card can spend more
                                     * @example 20.00
                                     */
                                    added: string;
                                    /** @description A limit of the card is lower now */
                                    lowered: boolean;
                                    /** @description The card refuses to pay now */
                                    suspended: boolean;
                                    /** @description The same in words, for cashier and customer */
                                    message: string;
                                } | null;
                            } | null;
                        }[];
                        /** @description A key is configured with which sent payments can be refunded */
                        givesBack: boolean;
                        lastExchange: {
                            at: number;
                            /** @description Settlement was reached, in every currency that has one */
                            reached: boolean;
                            faults: {
                                code: string;
                                message: string;
                            }[];
                        } | null;
                        /** @description Each currency by itself: one may sell while another cannot */
                        currencies: {
                            /** @description Asset code */
                            currency: string;
                            /** @description Of the asset */
                            decimals: number;
                            /** @description Decimals that a cashier keys in and a receipt shows */
                            keyedDecimals: number;
                            ready: boolean;
                            /** @description Why it cannot sell in it */
                            reasons: {
                                code: string;
                                message: string;
                            }[];
                            /** @description Seconds since 1970: until then it sells without a network, as far as time limits it; null where it does not sell */
                            sellsUntil: number | null;
                            /** @description What is used up of each limit, 1 is all of it; null where there is no such limit yet */
                            used: {
                                listAge: number | null;
                                oldestUnsent: number | null;
                                unsentSum: number | null;
                                unsentCount: number | null;
                                certificate: number | null;
                            };
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description NOT_READY: The terminal cannot sell now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "NOT_READY";
                    };
                };
            };
        };
    };
    listReports: {
        parameters: {
            query?: {
                /** @description What the page before named as `next` */
                cursor?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Z reports as they were closed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reports: {
                            /** @enum {string} */
                            kind: "x" | "z";
                            /** @description Of a Z its own, without a gap; of an X what the next Z will have */
                            number: number;
                            terminalId: string;
                            payee: string;
                            /** @description It covers the entries of the journal's log above this one */
                            fromSeq: number;
                            /** @description And up to this one */
                            toSeq: number;
                            /** @description The log's hash at `toSeq` */
                            head: string;
                            /** @description Seconds since 1970: when the period before was closed */
                            since: number | null;
                            /** @description Seconds since 1970: when it was made */
                            at: number;
                            /** @description Who asked for it */
                            by: string | null;
                            totals: {
                                currency: string;
                                /** @description Accepted in this period, those that were reversed later as well */
                                payments: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Payments that were reversed in this period, whenever they were made */
                                reversals: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Refunds that began in this period, of payments that were not reversed */
                                refunds: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Refunds that came to nothing in this period */
                                refundsRefused: {
                                    count: number;
                                    sum: string;
                                };
                                /**
                                 * @description Payments less what was given back; may be below zero
                                 * @example -2.50
                                 */
                                net: string;
                                /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                                unresolved: {
                                    count: number;
                                    sum: string;
                                };
                            }[];
                            lines: {
                                currency: string;
                                cashier: string | null;
                                lane: string;
                                /** @description Accepted in this period, those that were reversed later as well */
                                payments: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Payments that were reversed in this period, whenever they were made */
                                reversals: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Refunds that began in this period, of payments that were not reversed */
                                refunds: {
                                    count: number;
                                    sum: string;
                                };
                                /** @description Refunds that came to nothing in this period */
                                refundsRefused: {
                                    count: number;
                                    sum: string;
                                };
                                /**
                                 * @description Payments less what was given back; may be below zero
                                 * @example -2.50
                                 */
                                net: string;
                                /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                                unresolved: {
                                    count: number;
                                    sum: string;
                                };
                            }[];
                        }[];
                        /** @description What to ask for as `cursor` to go on; null at the end */
                        next: number | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showXReport: {
        parameters: {
            query?: {
                /** @description Who asks; stands in the report */
                by?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An X report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "x" | "z";
                        /** @description Of a Z its own, without a gap; of an X what the next Z will have */
                        number: number;
                        terminalId: string;
                        payee: string;
                        /** @description It covers the entries of the journal's log above this one */
                        fromSeq: number;
                        /** @description And up to this one */
                        toSeq: number;
                        /** @description The log's hash at `toSeq` */
                        head: string;
                        /** @description Seconds since 1970: when the period before was closed */
                        since: number | null;
                        /** @description Seconds since 1970: when it was made */
                        at: number;
                        /** @description Who asked for it */
                        by: string | null;
                        totals: {
                            currency: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                        lines: {
                            currency: string;
                            cashier: string | null;
                            lane: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    exportOpenPeriod: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    closePeriod: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Who asks; stands in the report */
                    by?: string;
                    /** @description What the Z is to have, as an X says; asked for again, the same Z is answered and nothing is closed */
                    number?: number;
                };
            };
        };
        responses: {
            /** @description The Z report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "x" | "z";
                        /** @description Of a Z its own, without a gap; of an X what the next Z will have */
                        number: number;
                        terminalId: string;
                        payee: string;
                        /** @description It covers the entries of the journal's log above this one */
                        fromSeq: number;
                        /** @description And up to this one */
                        toSeq: number;
                        /** @description The log's hash at `toSeq` */
                        head: string;
                        /** @description Seconds since 1970: when the period before was closed */
                        since: number | null;
                        /** @description Seconds since 1970: when it was made */
                        at: number;
                        /** @description Who asked for it */
                        by: string | null;
                        totals: {
                            currency: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                        lines: {
                            currency: string;
                            cashier: string | null;
                            lane: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. REPORT_OUT_OF_TURN: The next report has another number. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "REPORT_OUT_OF_TURN";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The Z report as it was closed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "x" | "z";
                        /** @description Of a Z its own, without a gap; of an X what the next Z will have */
                        number: number;
                        terminalId: string;
                        payee: string;
                        /** @description It covers the entries of the journal's log above this one */
                        fromSeq: number;
                        /** @description And up to this one */
                        toSeq: number;
                        /** @description The log's hash at `toSeq` */
                        head: string;
                        /** @description Seconds since 1970: when the period before was closed */
                        since: number | null;
                        /** @description Seconds since 1970: when it was made */
                        at: number;
                        /** @description Who asked for it */
                        by: string | null;
                        totals: {
                            currency: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                        lines: {
                            currency: string;
                            cashier: string | null;
                            lane: string;
                            /** @description Accepted in this period, those that were reversed later as well */
                            payments: {
                                count: number;
                                sum: string;
                            };
                            /** @description Payments that were reversed in this period, whenever they were made */
                            reversals: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that began in this period, of payments that were not reversed */
                            refunds: {
                                count: number;
                                sum: string;
                            };
                            /** @description Refunds that came to nothing in this period */
                            refundsRefused: {
                                count: number;
                                sum: string;
                            };
                            /**
                             * @description Payments less what was given back; may be below zero
                             * @example -2.50
                             */
                            net: string;
                            /** @description Nobody knew whether they were paid when the report was made; in no other sum */
                            unresolved: {
                                count: number;
                                sum: string;
                            };
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description REPORT_UNKNOWN: No report has this number. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "REPORT_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    exportReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description REPORT_UNKNOWN: No report has this number. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "REPORT_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    listSales: {
        parameters: {
            query?: {
                /** @description Seconds since 1970: not before */
                from?: number;
                /** @description Seconds since 1970: before */
                to?: number;
                cashier?: string;
                /** @description The lane that tried it last */
                lane?: string;
                /** @description What the page before named as `next` */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sales with their states */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sales: {
                            id: string;
                            /**
                             * @description Where it stands; the first four while a card is awaited
                             * @enum {string}
                             */
                            state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                            /** @description Stable code; null where nothing is wrong */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            cashier: string | null;
                            reference: string | null;
                            metadata: {
                                [key: string]: string;
                            };
                            /** @description Where its card is awaited, or was last */
                            lane: string;
                            /** @description Seconds since 1970: when it was asked for */
                            time: number;
                            /** @description Seconds since 1970: the time of its payment; null where there is none */
                            paidAt: number | null;
                            card: string | null;
                            /** @description What the card may still spend after its payment; null where none was made */
                            cardLeft: string | null;
                            /** @description The card is still in use after its payment was told: it is to stay there */
                            holding: boolean;
                            /** @description What may be done with the sale now */
                            may: ("cancel" | "attempt" | "reverse" | "refund")[];
                            /** @description What is left to give back; null where nothing may be refunded */
                            refundable: string | null;
                            /** @description The tap that paid it, else the newest; null where no card was asked */
                            tap: {
                                id: string;
                                saleId: string;
                                /** @enum {string} */
                                outcome: "accepted" | "refused" | "unresolved";
                                /** @description Stable code; null when accepted */
                                code: string | null;
                                /** @description One message for the cashier: what happened and what to do */
                                message: string;
                                amount: string;
                                currency: string;
                                voucherId: string | null;
                                counter: number | null;
                                card: string | null;
                                /** @description Status word of the last command that decided */
                                sw: string | null;
                                apdus: number;
                                spentBefore: string | null;
                                spentAfter: string | null;
                                /** @description What the card can still spend, as it showed; null where it was not asked */
                                left: string | null;
                                /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                                payable: string | null;
                                /** @description Seconds since 1970 */
                                time: number;
                                /** @description The same card may be held to the reader again for this sale */
                                saleOpen: boolean;
                                /** @description What a newer allowance changed that the card was given at this tap */
                                update: {
                                    /**
                                     * @description By how much the card can spend more
                                     * @example 20.00
                                     */
                                    added: string;
                                    /** @description A limit of the card is lower now */
                                    lowered: boolean;
                                    /** @description The card refuses to pay now */
                                    suspended: boolean;
                                    /** @description The same in words, for cashier and customer */
                                    message: string;
                                } | null;
                            } | null;
                        }[];
                        /** @description What to ask for as `cursor` to go on; null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showSale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sale as it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    putSale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Amount in the currency shown to people
                     * @example 2.50
                     */
                    amount: string;
                    /** @description Asset code; the first domain's when left out */
                    currency?: string;
                    /** @description Who sells */
                    cashier?: string;
                    /** @description The merchant's own number of the sale */
                    reference?: string;
                    /** @description Kept with the sale and answered with it */
                    metadata?: {
                        [key: string]: string;
                    };
                    /** @description The cardholder's PIN, entered at the terminal; sent only to a card that requires it, never kept or logged */
                    pin?: string;
                    /** @description How long to wait for a card */
                    waitSeconds?: number;
                    /** @description Name of a lane of this terminal; the first one when left out */
                    lane?: string;
                    /** @description Takes the amount from a card that paid the same within the last two minutes */
                    again?: boolean;
                };
            };
        };
        responses: {
            /** @description The sale, and whether it began with this call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                        /** @description This call began it; false where it was known and nothing began */
                        created: boolean;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. AMOUNT_REFUSED: The amount cannot be taken. CURRENCY_NOT_SERVED: This terminal does not take that currency. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "AMOUNT_REFUSED" | "CURRENCY_NOT_SERVED" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. SALE_DIFFERS: The sale is known with other terms. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "SALE_DIFFERS";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    attemptSale: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The cardholder's PIN, entered at the terminal; sent only to a card that requires it, never kept or logged */
                    pin?: string;
                    /** @description How long to wait for a card */
                    waitSeconds?: number;
                    /** @description Name of a lane of this terminal; the first one when left out */
                    lane?: string;
                    /** @description Takes the amount from a card that paid the same within the last two minutes */
                    again?: boolean;
                };
            };
        };
        responses: {
            /** @description The sale, and a card is awaited */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. CURRENCY_NOT_SERVED: This terminal does not take that currency. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED" | "CURRENCY_NOT_SERVED" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. SALE_PAID: The sale is paid. SALE_REVERSED: The sale was reversed. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "SALE_PAID" | "SALE_REVERSED";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    cancelSale: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The sale as it is; no card is awaited for it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    refundSale: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Chosen by the caller; nothing is given back twice under one id */
                    refundId: string;
                    /**
                     * @description What to give back; all that is left when left out
                     * @example 1.00
                     */
                    amount?: string;
                };
            };
        };
        responses: {
            /** @description Where the refund is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        refundId: string;
                        tapId: string;
                        /** @enum {string} */
                        state: "reversed" | "releasing" | "refunding" | "refunded" | "refused";
                        amount: string;
                        currency: string;
                        card: string | null;
                        voucherId: string | null;
                        /** @description The transaction that gives it back, once it is signed */
                        tx: string | null;
                        /** @description The block in which it stands */
                        block: number | null;
                        /** @description What it waits for, or why it was refused */
                        code: string | null;
                        /** @description One message for people */
                        message: string;
                        /** @description Nothing of it has left this terminal: it goes with the next exchange */
                        queued: boolean;
                        /** @description What the customer's receipt says of it */
                        receipt: string;
                        time: number;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. AMOUNT_REFUSED: The amount cannot be taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED" | "AMOUNT_REFUSED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. TAP_UNKNOWN: No tap has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN" | "TAP_UNKNOWN";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. SALE_NOT_PAID: No card was asked to pay the sale. TAP_NOT_OPEN: There is nothing to reverse. TAP_FINAL: The payment is final. CHAIN_NOT_CONFIGURED: This terminal has no way to the chain. NOT_PAYEE_KEY: The key is not the payee's. PAYING_KEY_UNREADABLE: The payee's key cannot be read. WRONG_CHAIN: The configured node is of another chain. REFUND_ABOVE_PAYMENT: More would be given back than was paid. REFUND_DIFFERS: The refund is known with another amount. REFUND_WHOLE_ONLY: This payment can only be given back as a whole. ALREADY_REFUNDED: The payment was given back. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "SALE_NOT_PAID" | "TAP_NOT_OPEN" | "TAP_FINAL" | "CHAIN_NOT_CONFIGURED" | "NOT_PAYEE_KEY" | "PAYING_KEY_UNREADABLE" | "WRONG_CHAIN" | "REFUND_ABOVE_PAYMENT" | "REFUND_DIFFERS" | "REFUND_WHOLE_ONLY" | "ALREADY_REFUNDED";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    reverseSale: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The sale; its reversal travels with the next upload */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /**
                         * @description Where it stands; the first four while a card is awaited
                         * @enum {string}
                         */
                        state: "waiting" | "card-left" | "card-seen" | "paying" | "paid" | "refused" | "unresolved" | "reversed";
                        /** @description Stable code; null where nothing is wrong */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        cashier: string | null;
                        reference: string | null;
                        metadata: {
                            [key: string]: string;
                        };
                        /** @description Where its card is awaited, or was last */
                        lane: string;
                        /** @description Seconds since 1970: when it was asked for */
                        time: number;
                        /** @description Seconds since 1970: the time of its payment; null where there is none */
                        paidAt: number | null;
                        card: string | null;
                        /** @description What the card may still spend after its payment; null where none was made */
                        cardLeft: string | null;
                        /** @description The card is still in use after its payment was told: it is to stay there */
                        holding: boolean;
                        /** @description What may be done with the sale now */
                        may: ("cancel" | "attempt" | "reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                        /** @description The tap that paid it, else the newest; null where no card was asked */
                        tap: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        } | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description SALE_UNKNOWN: No sale has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SALE_UNKNOWN";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. SALE_NOT_PAID: No card was asked to pay the sale. SALE_IN_PROGRESS: A card is awaited for the sale. TAP_NOT_OPEN: There is nothing to reverse. TAP_FINAL: The payment is final. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "SALE_NOT_PAID" | "SALE_IN_PROGRESS" | "TAP_NOT_OPEN" | "TAP_FINAL";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is known of the device that asks, and what is needed next */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Null until it is paired */
                        device: {
                            id: string;
                            name: string;
                        } | null;
                        /** @description Who is signed in on this device */
                        person: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        } | null;
                        /** @description Who may sign in; none where the device is not paired */
                        people: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        }[];
                        /**
                         * @description What is needed before this device sells: it is paired, or somebody signs in
                         * @enum {string}
                         */
                        needed: "none" | "pairing" | "person";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @description The person's own PIN; never kept or logged */
                    pin: string;
                };
            };
        };
        responses: {
            /** @description The session then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Null until it is paired */
                        device: {
                            id: string;
                            name: string;
                        } | null;
                        /** @description Who is signed in on this device */
                        person: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        } | null;
                        /** @description Who may sign in; none where the device is not paired */
                        people: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        }[];
                        /**
                         * @description What is needed before this device sells: it is paired, or somebody signs in
                         * @enum {string}
                         */
                        needed: "none" | "pairing" | "person";
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. PIN_WRONG: Name and PIN do not fit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED" | "PIN_WRONG";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. PIN_LOCKED: Too many wrong PINs of this person. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS" | "PIN_LOCKED";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Null until it is paired */
                        device: {
                            id: string;
                            name: string;
                        } | null;
                        /** @description Who is signed in on this device */
                        person: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        } | null;
                        /** @description Who may sign in; none where the device is not paired */
                        people: {
                            name: string;
                            /** @enum {string} */
                            role: "cashier" | "manager" | "owner";
                        }[];
                        /**
                         * @description What is needed before this device sells: it is paired, or somebody signs in
                         * @enum {string}
                         */
                        needed: "none" | "pairing" | "person";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    exchangeNow: {
        parameters: {
            query?: {
                /** @description Sends the last upload once more, byte for byte */
                again?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description What was sent and received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        uploaded: {
                            new: number;
                            duplicate: number;
                            forked: number;
                            refused: number;
                            /** @description Uploads that are packed anew in halves */
                            setAside: number;
                        };
                        statusList: {
                            seq: number;
                            asOf: number;
                            replaced: boolean;
                        } | null;
                        /** @description Payments of which settlement reported the end in this round */
                        reportedFinal: number;
                        /** @description Payments of which a final block showed the end in this round */
                        becameFinal: number;
                        faults: {
                            code: string;
                            message: string;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description NO_SETTLEMENT: This terminal has no settlement to send to. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "NO_SETTLEMENT";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description SETTLEMENT_UNREACHABLE: Settlement does not answer; nothing is lost. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SETTLEMENT_UNREACHABLE";
                    };
                };
            };
        };
    };
    listPayments: {
        parameters: {
            query?: {
                /** @description Id of a tap: lists what is older */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taps with the state of their vouchers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        taps: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                            voucher: {
                                /** @description The terminal gave nothing for it; its value goes back to the card */
                                reversed: boolean;
                                /** @enum {string} */
                                delivery: "unsent" | "packed" | "taken" | "disputed" | "final";
                                result: string | null;
                                resultCode: string | null;
                                /** @description Where settlement says that it is */
                                state: string | null;
                                /**
                                 * @description What settlement says of its end; null where it names none, or nothing authenticates it
                                 * @enum {string|null}
                                 */
                                reported: "final" | "reversed" | null;
                                batch: string | null;
                                /** @description The transaction that settlement names */
                                tx: string | null;
                                /** @description The transaction of this terminal's own claim */
                                claimTx: string | null;
                                /**
                                 * @description Its end, as a final block shows it; null until then
                                 * @enum {string|null}
                                 */
                                outcome: "paid" | "released" | "compensated" | null;
                                /** @description The transaction that shows its end */
                                outcomeTx: string | null;
                                /** @description The final block in which that stands */
                                outcomeBlock: number | null;
                            } | null;
                            /** @description What was given back, or is on its way */
                            refunds: {
                                refundId: string;
                                tapId: string;
                                /** @enum {string} */
                                state: "reversed" | "releasing" | "refunding" | "refunded" | "refused";
                                amount: string;
                                currency: string;
                                card: string | null;
                                voucherId: string | null;
                                /** @description The transaction that gives it back, once it is signed */
                                tx: string | null;
                                /** @description The block in which it stands */
                                block: number | null;
                                /** @description What it waits for, or why it was refused */
                                code: string | null;
                                /** @description One message for people */
                                message: string;
                                /** @description Nothing of it has left this terminal: it goes with the next exchange */
                                queued: boolean;
                                /** @description What the customer's receipt says of it */
                                receipt: string;
                                time: number;
                            }[];
                            /**
                             * @description Where the payment is, for a cashier
                             * @enum {string}
                             */
                            place: "nowhere" | "same-card" | "its-card" | "not-accepted" | "unsent" | "sent" | "received" | "batched" | "mined" | "skipped" | "forked" | "disputed" | "claimed" | "settled" | "said-refunded" | "said-released" | "said-compensated" | "paid-out" | "released" | "compensated" | "reversed" | "releasing" | "refunding" | "refunded" | "not-given-back";
                            /** @description What may be done with it now */
                            may: ("reverse" | "refund")[];
                            /** @description What is left to give back; null where nothing may be refunded */
                            refundable: string | null;
                        }[];
                        /** @description What to ask for as `before` to go on; null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description NOT_FOUND: There is no such thing. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "NOT_FOUND";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    takePayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Amount in the currency shown to people
                     * @example 2.50
                     */
                    amount: string;
                    /** @description Chosen by the caller; a sale is never paid twice under one id */
                    saleId?: string;
                    /** @description Asset code; the first domain's when left out */
                    currency?: string;
                    /** @description The cardholder's PIN, entered at the terminal; sent only to a card that requires it, never kept or logged */
                    pin?: string;
                    /** @description Name of a lane of this terminal; the first one when left out */
                    lane?: string;
                    /** @description How long to wait for a card */
                    waitSeconds?: number;
                };
            };
        };
        responses: {
            /** @description What came of it: accepted, refused or unresolved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        saleId: string;
                        /** @enum {string} */
                        outcome: "accepted" | "refused" | "unresolved";
                        /** @description Stable code; null when accepted */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        voucherId: string | null;
                        counter: number | null;
                        card: string | null;
                        /** @description Status word of the last command that decided */
                        sw: string | null;
                        apdus: number;
                        spentBefore: string | null;
                        spentAfter: string | null;
                        /** @description What the card can still spend, as it showed; null where it was not asked */
                        left: string | null;
                        /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                        payable: string | null;
                        /** @description Seconds since 1970 */
                        time: number;
                        /** @description The same card may be held to the reader again for this sale */
                        saleOpen: boolean;
                        /** @description What a newer allowance changed that the card was given at this tap */
                        update: {
                            /**
                             * @description By how much the card can spend more
                             * @example 20.00
                             */
                            added: string;
                            /** @description A limit of the card is lower now */
                            lowered: boolean;
                            /** @description The card refuses to pay now */
                            suspended: boolean;
                            /** @description The same in words, for cashier and customer */
                            message: string;
                        } | null;
                        /** @description Earlier taps of this card that were resolved on the way */
                        resolved: {
                            id: string;
                            saleId: string;
                            /** @enum {string} */
                            outcome: "accepted" | "refused" | "unresolved";
                            /** @description Stable code; null when accepted */
                            code: string | null;
                            /** @description One message for the cashier: what happened and what to do */
                            message: string;
                            amount: string;
                            currency: string;
                            voucherId: string | null;
                            counter: number | null;
                            card: string | null;
                            /** @description Status word of the last command that decided */
                            sw: string | null;
                            apdus: number;
                            spentBefore: string | null;
                            spentAfter: string | null;
                            /** @description What the card can still spend, as it showed; null where it was not asked */
                            left: string | null;
                            /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                            payable: string | null;
                            /** @description Seconds since 1970 */
                            time: number;
                            /** @description The same card may be held to the reader again for this sale */
                            saleOpen: boolean;
                            /** @description What a newer allowance changed that the card was given at this tap */
                            update: {
                                /**
                                 * @description By how much the card can spend more
                                 * @example 20.00
                                 */
                                added: string;
                                /** @description A limit of the card is lower now */
                                lowered: boolean;
                                /** @description The card refuses to pay now */
                                suspended: boolean;
                                /** @description The same in words, for cashier and customer */
                                message: string;
                            } | null;
                        }[];
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. AMOUNT_REFUSED: The amount cannot be taken. CURRENCY_NOT_SERVED: This terminal does not take that currency. LANE_UNKNOWN: This terminal has no such lane. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED" | "AMOUNT_REFUSED" | "CURRENCY_NOT_SERVED" | "LANE_UNKNOWN";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. SALE_AMOUNT_DIFFERS: The sale is known with another amount. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "SALE_AMOUNT_DIFFERS";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tap with the state of its voucher */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        saleId: string;
                        /** @enum {string} */
                        outcome: "accepted" | "refused" | "unresolved";
                        /** @description Stable code; null when accepted */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        voucherId: string | null;
                        counter: number | null;
                        card: string | null;
                        /** @description Status word of the last command that decided */
                        sw: string | null;
                        apdus: number;
                        spentBefore: string | null;
                        spentAfter: string | null;
                        /** @description What the card can still spend, as it showed; null where it was not asked */
                        left: string | null;
                        /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                        payable: string | null;
                        /** @description Seconds since 1970 */
                        time: number;
                        /** @description The same card may be held to the reader again for this sale */
                        saleOpen: boolean;
                        /** @description What a newer allowance changed that the card was given at this tap */
                        update: {
                            /**
                             * @description By how much the card can spend more
                             * @example 20.00
                             */
                            added: string;
                            /** @description A limit of the card is lower now */
                            lowered: boolean;
                            /** @description The card refuses to pay now */
                            suspended: boolean;
                            /** @description The same in words, for cashier and customer */
                            message: string;
                        } | null;
                        voucher: {
                            /** @description The terminal gave nothing for it; its value goes back to the card */
                            reversed: boolean;
                            /** @enum {string} */
                            delivery: "unsent" | "packed" | "taken" | "disputed" | "final";
                            result: string | null;
                            resultCode: string | null;
                            /** @description Where settlement says that it is */
                            state: string | null;
                            /**
                             * @description What settlement says of its end; null where it names none, or nothing authenticates it
                             * @enum {string|null}
                             */
                            reported: "final" | "reversed" | null;
                            batch: string | null;
                            /** @description The transaction that settlement names */
                            tx: string | null;
                            /** @description The transaction of this terminal's own claim */
                            claimTx: string | null;
                            /**
                             * @description Its end, as a final block shows it; null until then
                             * @enum {string|null}
                             */
                            outcome: "paid" | "released" | "compensated" | null;
                            /** @description The transaction that shows its end */
                            outcomeTx: string | null;
                            /** @description The final block in which that stands */
                            outcomeBlock: number | null;
                        } | null;
                        /** @description What was given back, or is on its way */
                        refunds: {
                            refundId: string;
                            tapId: string;
                            /** @enum {string} */
                            state: "reversed" | "releasing" | "refunding" | "refunded" | "refused";
                            amount: string;
                            currency: string;
                            card: string | null;
                            voucherId: string | null;
                            /** @description The transaction that gives it back, once it is signed */
                            tx: string | null;
                            /** @description The block in which it stands */
                            block: number | null;
                            /** @description What it waits for, or why it was refused */
                            code: string | null;
                            /** @description One message for people */
                            message: string;
                            /** @description Nothing of it has left this terminal: it goes with the next exchange */
                            queued: boolean;
                            /** @description What the customer's receipt says of it */
                            receipt: string;
                            time: number;
                        }[];
                        /**
                         * @description Where the payment is, for a cashier
                         * @enum {string}
                         */
                        place: "nowhere" | "same-card" | "its-card" | "not-accepted" | "unsent" | "sent" | "received" | "batched" | "mined" | "skipped" | "forked" | "disputed" | "claimed" | "settled" | "said-refunded" | "said-released" | "said-compensated" | "paid-out" | "released" | "compensated" | "reversed" | "releasing" | "refunding" | "refunded" | "not-given-back";
                        /** @description What may be done with it now */
                        may: ("reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description NOT_FOUND: There is no such thing. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "NOT_FOUND";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    reversePayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The tap; its reversal travels with the next upload */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        saleId: string;
                        /** @enum {string} */
                        outcome: "accepted" | "refused" | "unresolved";
                        /** @description Stable code; null when accepted */
                        code: string | null;
                        /** @description One message for the cashier: what happened and what to do */
                        message: string;
                        amount: string;
                        currency: string;
                        voucherId: string | null;
                        counter: number | null;
                        card: string | null;
                        /** @description Status word of the last command that decided */
                        sw: string | null;
                        apdus: number;
                        spentBefore: string | null;
                        spentAfter: string | null;
                        /** @description What the card can still spend, as it showed; null where it was not asked */
                        left: string | null;
                        /** @description After a refusal: the most that this card can pay here at once; null where that is nothing or unknown */
                        payable: string | null;
                        /** @description Seconds since 1970 */
                        time: number;
                        /** @description The same card may be held to the reader again for this sale */
                        saleOpen: boolean;
                        /** @description What a newer allowance changed that the card was given at this tap */
                        update: {
                            /**
                             * @description By how much the card can spend more
                             * @example 20.00
                             */
                            added: string;
                            /** @description A limit of the card is lower now */
                            lowered: boolean;
                            /** @description The card refuses to pay now */
                            suspended: boolean;
                            /** @description The same in words, for cashier and customer */
                            message: string;
                        } | null;
                        voucher: {
                            /** @description The terminal gave nothing for it; its value goes back to the card */
                            reversed: boolean;
                            /** @enum {string} */
                            delivery: "unsent" | "packed" | "taken" | "disputed" | "final";
                            result: string | null;
                            resultCode: string | null;
                            /** @description Where settlement says that it is */
                            state: string | null;
                            /**
                             * @description What settlement says of its end; null where it names none, or nothing authenticates it
                             * @enum {string|null}
                             */
                            reported: "final" | "reversed" | null;
                            batch: string | null;
                            /** @description The transaction that settlement names */
                            tx: string | null;
                            /** @description The transaction of this terminal's own claim */
                            claimTx: string | null;
                            /**
                             * @description Its end, as a final block shows it; null until then
                             * @enum {string|null}
                             */
                            outcome: "paid" | "released" | "compensated" | null;
                            /** @description The transaction that shows its end */
                            outcomeTx: string | null;
                            /** @description The final block in which that stands */
                            outcomeBlock: number | null;
                        } | null;
                        /** @description What was given back, or is on its way */
                        refunds: {
                            refundId: string;
                            tapId: string;
                            /** @enum {string} */
                            state: "reversed" | "releasing" | "refunding" | "refunded" | "refused";
                            amount: string;
                            currency: string;
                            card: string | null;
                            voucherId: string | null;
                            /** @description The transaction that gives it back, once it is signed */
                            tx: string | null;
                            /** @description The block in which it stands */
                            block: number | null;
                            /** @description What it waits for, or why it was refused */
                            code: string | null;
                            /** @description One message for people */
                            message: string;
                            /** @description Nothing of it has left this terminal: it goes with the next exchange */
                            queued: boolean;
                            /** @description What the customer's receipt says of it */
                            receipt: string;
                            time: number;
                        }[];
                        /**
                         * @description Where the payment is, for a cashier
                         * @enum {string}
                         */
                        place: "nowhere" | "same-card" | "its-card" | "not-accepted" | "unsent" | "sent" | "received" | "batched" | "mined" | "skipped" | "forked" | "disputed" | "claimed" | "settled" | "said-refunded" | "said-released" | "said-compensated" | "paid-out" | "released" | "compensated" | "reversed" | "releasing" | "refunding" | "refunded" | "not-given-back";
                        /** @description What may be done with it now */
                        may: ("reverse" | "refund")[];
                        /** @description What is left to give back; null where nothing may be refunded */
                        refundable: string | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description NOT_FOUND: There is no such thing. TAP_UNKNOWN: No tap has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "NOT_FOUND" | "TAP_UNKNOWN";
                    };
                };
            };
            /** @description TAP_IN_PROGRESS: The lane is taking another payment. IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. TAP_NOT_OPEN: There is nothing to reverse. TAP_FINAL: The payment is final. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "TAP_NOT_OPEN" | "TAP_FINAL";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    refundPayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Chosen by the caller; nothing is given back twice under one id */
                    refundId: string;
                    /**
                     * @description What to give back; all that is left when left out
                     * @example 1.00
                     */
                    amount?: string;
                };
            };
        };
        responses: {
            /** @description Where the refund is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        refundId: string;
                        tapId: string;
                        /** @enum {string} */
                        state: "reversed" | "releasing" | "refunding" | "refunded" | "refused";
                        amount: string;
                        currency: string;
                        card: string | null;
                        voucherId: string | null;
                        /** @description The transaction that gives it back, once it is signed */
                        tx: string | null;
                        /** @description The block in which it stands */
                        block: number | null;
                        /** @description What it waits for, or why it was refused */
                        code: string | null;
                        /** @description One message for people */
                        message: string;
                        /** @description Nothing of it has left this terminal: it goes with the next exchange */
                        queued: boolean;
                        /** @description What the customer's receipt says of it */
                        receipt: string;
                        time: number;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. AMOUNT_REFUSED: The amount cannot be taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED" | "AMOUNT_REFUSED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description TAP_UNKNOWN: No tap has this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "TAP_UNKNOWN";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. TAP_NOT_OPEN: There is nothing to reverse. TAP_FINAL: The payment is final. CHAIN_NOT_CONFIGURED: This terminal has no way to the chain. NOT_PAYEE_KEY: The key is not the payee's. PAYING_KEY_UNREADABLE: The payee's key cannot be read. WRONG_CHAIN: The configured node is of another chain. REFUND_ABOVE_PAYMENT: More would be given back than was paid. REFUND_DIFFERS: The refund is known with another amount. REFUND_WHOLE_ONLY: This payment can only be given back as a whole. ALREADY_REFUNDED: The payment was given back. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "TAP_NOT_OPEN" | "TAP_FINAL" | "CHAIN_NOT_CONFIGURED" | "NOT_PAYEE_KEY" | "PAYING_KEY_UNREADABLE" | "WRONG_CHAIN" | "REFUND_ABOVE_PAYMENT" | "REFUND_DIFFERS" | "REFUND_WHOLE_ONLY" | "ALREADY_REFUNDED";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Endpoints */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        endpoints: {
                            name: string;
                            /** @description Without path and user, where secrets may stand */
                            url: string;
                            events: ("sale.paid" | "sale.refused" | "sale.unresolved" | "sale.reversed" | "sale.refunded")[];
                            /**
                             * @description `disabled`: it answered 410 and is told nothing
                             * @enum {string}
                             */
                            state: "active" | "disabled";
                            disabledAt: number | null;
                            waiting: number;
                            failed: number;
                            lastDeliveredAt: number | null;
                        }[];
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                endpoint?: string;
                state?: "waiting" | "delivered" | "failed";
                /** @description What the page before named as `next` */
                cursor?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages to endpoints */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deliveries: {
                            id: number;
                            endpoint: string;
                            /** @description The header `webhook-id`; the same at each try */
                            messageId: string;
                            /** @enum {string} */
                            type: "sale.paid" | "sale.refused" | "sale.unresolved" | "sale.reversed" | "sale.refunded";
                            sale: string;
                            /** @description Seconds since 1970: when it happened */
                            at: number;
                            /** @enum {string} */
                            state: "waiting" | "delivered" | "failed";
                            attempts: number;
                            /** @description When it is tried next; null at its end */
                            nextAt: number | null;
                            lastAt: number | null;
                            /** @description Why the last try failed */
                            lastCode: string | null;
                            /** @description HTTP status of the last answer; null where none came */
                            lastStatus: number | null;
                        }[];
                        /** @description What to ask for as `cursor` to go on; null at the end */
                        next: number | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description WEBHOOK_UNKNOWN: No endpoint has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WEBHOOK_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    showDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: number;
                        endpoint: string;
                        /** @description The header `webhook-id`; the same at each try */
                        messageId: string;
                        /** @enum {string} */
                        type: "sale.paid" | "sale.refused" | "sale.unresolved" | "sale.reversed" | "sale.refunded";
                        sale: string;
                        /** @description Seconds since 1970: when it happened */
                        at: number;
                        /** @enum {string} */
                        state: "waiting" | "delivered" | "failed";
                        attempts: number;
                        /** @description When it is tried next; null at its end */
                        nextAt: number | null;
                        lastAt: number | null;
                        /** @description Why the last try failed */
                        lastCode: string | null;
                        /** @description HTTP status of the last answer; null where none came */
                        lastStatus: number | null;
                        /** @description The bytes that are sent and signed */
                        body: string;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description DELIVERY_UNKNOWN: No message has this number. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "DELIVERY_UNKNOWN";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    redeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The message, which is due now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: number;
                        endpoint: string;
                        /** @description The header `webhook-id`; the same at each try */
                        messageId: string;
                        /** @enum {string} */
                        type: "sale.paid" | "sale.refused" | "sale.unresolved" | "sale.reversed" | "sale.refunded";
                        sale: string;
                        /** @description Seconds since 1970: when it happened */
                        at: number;
                        /** @enum {string} */
                        state: "waiting" | "delivered" | "failed";
                        attempts: number;
                        /** @description When it is tried next; null at its end */
                        nextAt: number | null;
                        lastAt: number | null;
                        /** @description Why the last try failed */
                        lastCode: string | null;
                        /** @description HTTP status of the last answer; null where none came */
                        lastStatus: number | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description WEBHOOK_UNKNOWN: No endpoint has this name. DELIVERY_UNKNOWN: No message has this number. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WEBHOOK_UNKNOWN" | "DELIVERY_UNKNOWN";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. WEBHOOK_DISABLED: The endpoint wants nothing any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE" | "WEBHOOK_DISABLED";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
    enableWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The endpoint */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        /** @description Without path and user, where secrets may stand */
                        url: string;
                        events: ("sale.paid" | "sale.refused" | "sale.unresolved" | "sale.reversed" | "sale.refunded")[];
                        /**
                         * @description `disabled`: it answered 410 and is told nothing
                         * @enum {string}
                         */
                        state: "active" | "disabled";
                        disabledAt: number | null;
                        waiting: number;
                        failed: number;
                        lastDeliveredAt: number | null;
                    };
                };
            };
            /** @description MALFORMED_REQUEST: The request does not have the documented form. IDEMPOTENCY_KEY_MALFORMED: The Idempotency-Key does not have the documented form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MALFORMED_REQUEST" | "IDEMPOTENCY_KEY_MALFORMED";
                    };
                };
            };
            /** @description UNAUTHENTICATED: This terminal needs a token. PAIRING_NEEDED: This device is not paired. PERSON_NEEDED: Somebody has to sign in. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED" | "PAIRING_NEEDED" | "PERSON_NEEDED";
                    };
                };
            };
            /** @description ROLE_TOO_LOW: Who is signed in may not do this. FOREIGN_ORIGIN: Another web page may not use this terminal. NOT_THROUGH_PROXY: This terminal answers its reverse proxy alone. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ROLE_TOO_LOW" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
                    };
                };
            };
            /** @description WEBHOOK_UNKNOWN: No endpoint has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WEBHOOK_UNKNOWN";
                    };
                };
            };
            /** @description IDEMPOTENCY_KEY_REUSED: The Idempotency-Key named another call before. IDEMPOTENCY_KEY_IN_USE: A call with this Idempotency-Key is being carried out. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED" | "IDEMPOTENCY_KEY_IN_USE";
                    };
                };
            };
            /** @description BODY_TOO_LARGE: The body is larger than the documented limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description UNSUPPORTED_MEDIA: Send application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA";
                    };
                };
            };
            /** @description MISDIRECTED_HOST: This terminal does not have that name. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "MISDIRECTED_HOST";
                    };
                };
            };
            /** @description WRONG_TOKENS: Too many wrong tokens came from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "WRONG_TOKENS";
                    };
                };
            };
            /** @description INTERNAL: Something failed that should not have. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
        };
    };
}
