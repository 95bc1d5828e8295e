/** Former treasuries and gas wallets whose keys one configuration names: each is a lane of its own. */
export const FORMER_CHAIN_KEYS = 8;
