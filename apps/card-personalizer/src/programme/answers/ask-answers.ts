import { Failure } from "../../failures.ts";
import { QUESTION_TRIES } from "../../limits.ts";
import { KEY_ROLES } from "./load-answers.ts";

/** One line of a person's, to one question. */
export type Ask = (question: string) => Promise<string>;

/** What an answer has to look like, and how it stands in the file. */
interface Kind {
  readonly form: RegExp;
  readonly hint: string;
  readonly value: (text: string) => unknown;
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => Number(text);

const KINDS = {
  text: { form: /^[!-~](?:[ -~]{0,62}[!-~])?$/, hint: "printable letters and signs", value: asText },
  url: { form: /^[a-z]+:\/\/\S+$/, hint: "an address such as https://…", value: asText },
  number: { form: /^[0-9]{1,15}$/, hint: "a whole number", value: asNumber },
  digits: { form: /^[1-9][0-9]{0,19}$/, hint: "a whole number", value: asText },
  amount: { form: /^[0-9]+(\.[0-9]+)?$/, hint: "an amount such as 20.00", value: asText },
  address: { form: /^0x[0-9a-fA-F]{40}$/, hint: "0x and 40 hexadecimal digits", value: asText },
  token: { form: /^(0x[0-9a-fA-F]{40}|test)$/, hint: "an address, or test", value: asText },
  yes: { form: /^(yes|no)$/, hint: "yes or no", value: (text) => text === "yes" },
  mode: { form: /^(development|production)$/, hint: "development or production", value: asText },
} as const satisfies Record<string, Kind>;

/** The questions of one conversation. */
class Conversation {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Asks until the answer has its form, a few times; an empty line takes what is proposed. Throws Failure USAGE. */
  async put<T = string>(kind: keyof typeof KINDS, question: string, proposed?: string): Promise<T> {
    const { form, hint, value } = KINDS[kind];
    for (let tries = 0; tries < QUESTION_TRIES; tries++) {
      const shown = `${tries === 0 ? "" : `(${hint}) `}${question}${proposed === undefined ? "" : ` [${proposed}]`}: `;
      const given = (await this.#ask(shown)).trim();
      const text = given === "" ? (proposed ?? "") : given;
      if (form.test(text)) return value(text) as T;
    }
    throw new Failure("USAGE", `${question}: no answer was ${hint}.`);
  }

  /** The same, where an empty line means none. */
  async maybe(kind: keyof typeof KINDS, question: string): Promise<unknown> {
    const given = (await this.#ask(`${question} [none]: `)).trim();
    if (given === "") return undefined;
    const { form, hint, value } = KINDS[kind];
    if (!form.test(given)) throw new Failure("USAGE", `${question}: ${given} is not ${hint}.`);
    return value(given);
  }
}

/** Asks a person everything that a programme needs, in the form of the answers' file; it is judged when it is read. */
export async function askAnswers(ask: Ask): Promise<object> {
  const talk = new Conversation(ask);
  const name = await talk.put("text", "What is the programme called");
  const mode = await talk.put("mode", "Is it for development or production", "development");
  return {
    ...{ name, mode },
    ...(await askChain(talk)),
    ...(await askLimits(talk)),
    ...(await askMoney(talk)),
    terminal: await askTerminal(talk),
    ...(mode === "production" ? { keys: await askKeys(talk) } : {}),
  };
}

async function askChain(talk: Conversation): Promise<object> {
  const rpcUrl = await talk.put("url", "The chain's node (JSON-RPC)");
  const chainId = await talk.put("digits", "The chain's id");
  const token = await talk.put("token", "The token's address, or `test` for one that is worth nothing");
  const asset = {
    code: await talk.put("text", "What the token is called on receipts", token === "test" ? "TUSD" : undefined),
    decimals: await talk.put("number", "Decimals of an amount", "6"),
    scale: await talk.put("digits", "Base units of the token in one unit", "1"),
  };
  const testToken =
    token === "test" ? { mint: await talk.put("amount", "How much of it the treasury gets", "1000.00") } : undefined;
  return {
    ...{ rpcUrl, chainId, asset },
    ...(testToken === undefined ? { token } : { testToken }),
    databaseUrl: await talk.put("url", "Settlement's database (postgres://…)"),
    redisUrl: await talk.put("url", "Its Redis (redis://…)"),
  };
}

async function askLimits(talk: Conversation): Promise<object> {
  const pins = await talk.put<boolean>("yes", "Do cards get a PIN", "yes");
  const fund = await talk.put("amount", "First deposit of a card");
  const perTap = await talk.put("amount", "Most that one payment may be", "50.00");
  const noPinSum = await talk.put("amount", "Sum of payments without PIN", pins ? "150.00" : undefined);
  const noPinCount = await talk.put<number>("number", "Payments in a row without PIN, 255 for any", pins ? "5" : "255");
  const noPinResetDays = await talk.maybe("number", "Days after which these start anew");
  return {
    ...{ pins, fund, limits: { perTap, noPinSum, noPinCount } },
    ...(noPinResetDays === undefined ? {} : { noPinResetDays }),
  };
}

async function askMoney(talk: Conversation): Promise<object> {
  const treasury = {
    tokens: await talk.put("amount", "Tokens that the treasury begins with"),
    ether: await talk.put("amount", "Ether that it needs for transactions", "0.05"),
  };
  const bears = await talk.put<boolean>("yes", "Does the issuer bear copied cards");
  const guarantee = {
    bears,
    perCard: bears ? await talk.put("amount", "For one card at most, before a person looks") : "0.00",
    perPayeePerDay: bears ? await talk.put("amount", "For one payee and day at most") : "0.00",
    ...(bears
      ? {
          tokens: await talk.put("amount", "Tokens that the account for it gets from the treasury"),
          ether: await talk.put("amount", "Ether that this account needs", "0.01"),
        }
      : {}),
  };
  return { treasury, guarantee };
}

async function askTerminal(talk: Conversation): Promise<object> {
  return {
    payee: await talk.put("address", "First terminal: the merchant's payout address"),
    category: await talk.put<number>("number", "Its category, 0 to 63", "0"),
    reader: await talk.put("text", "Its card reader, as `readers` lists it"),
    limits: {
      perTap: await talk.put("amount", "Most that one payment at it may be"),
      unsentSum: await talk.put("amount", "Most that may wait there to be sent"),
      unsentCount: await talk.put<number>("number", "And how many payments"),
      perCardSum: await talk.put("amount", "Of that, of one card"),
      softwareSum: await talk.put("amount", "Of that, of cards in software", "0.00"),
    },
  };
}

async function askKeys(talk: Conversation): Promise<object> {
  const keys: Record<string, string> = {};
  for (const role of KEY_ROLES) keys[role] = await talk.put("text", `Key file of ${role}`);
  return keys;
}
