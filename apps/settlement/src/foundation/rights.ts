/** The operator's own people and programs. `operator` watches queues: risk and finance in one, for small programmes. */
export const STAFF = ["viewer", "support", "risk", "finance", "issuer", "operator", "admin"] as const;

export type StaffRole = (typeof STAFF)[number];

/** Everybody's: staff's, and that of a merchant, who is bound to a payee and sees its own alone. */
export const ROLES = [...STAFF, "merchant"] as const;

export type Role = (typeof ROLES)[number];

/** The kinds of calls at administration's door, and who may make them. Each call names one of them. */
export const ROLES_OF = {
  /** Whatever is shown and moves nothing. */
  read: STAFF,
  /** What is a merchant's own. */
  own: ["merchant"],
  /** What anybody may do who is signed in: signing out, adding a passkey. */
  self: ROLES,
  /** The service in figures. */
  metrics: ["viewer", "risk", "finance", "operator", "admin"],
  /** What persons did. */
  audit: ["risk", "finance", "operator", "admin"],
  /** Cards are registered, funded, limited and replaced. */
  cards: ["issuer", "admin"],
  /** A card is suspended, or its suspension ends. */
  suspensions: ["support", "risk", "issuer", "admin"],
  /** A card's status in the list, which may be for good. */
  cardStatus: ["risk", "issuer", "admin"],
  /** A terminal is certified. */
  certificates: ["issuer", "admin"],
  /** A terminal's certificates are withdrawn for good. */
  withdrawals: ["risk", "issuer", "admin"],
  /** The vault pays merchants. */
  payouts: ["finance", "operator", "admin"],
  /** A case is taken or resolved. */
  cases: ["support", "risk", "finance", "operator", "admin"],
  /** Merchants and terminals are named. */
  names: ["support", "issuer", "operator", "admin"],
  /** A period of the books is closed. */
  periods: ["finance", "operator", "admin"],
  /** What the issuer owes is paid, or refused by two persons. */
  withheld: ["risk", "finance", "operator", "admin"],
  /** A second person decides; besides, each thing needs its own right. */
  approvals: ["risk", "finance", "issuer", "operator", "admin"],
  /** A failed chain action is tried again or set aside; besides, each kind needs its own right. */
  actions: ["risk", "finance", "issuer", "operator", "admin"],
  /** Somebody looks after an alarm. */
  alarms: ["support", "risk", "finance", "issuer", "operator", "admin"],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Right = keyof typeof ROLES_OF;

/** Whether a role may make the calls of a right. */
export function mayDo(role: Role, right: Right): boolean {
  return (ROLES_OF[right] as readonly Role[]).includes(role);
}
