/** Ways by which alarms are told: some for those on call, some for those above them. */
export const ALARM_WAYS = 16;

/** Addresses of one mail: a group has an address of its own. */
export const MAIL_RECEIVERS = 16;

/** A port is two bytes. */
export const HIGHEST_PORT = 65_535;

/** Longest time of an alarm's settings: a day, above which nobody is told in time. */
export const MOST_ALARM_SECONDS = 86_400;

/** Shortest time between two tellings of one alarm: more often is noise. */
export const LEAST_REPEAT_SECONDS = 60;
