/** Most days for which a terminal is certified by command: above ten years a value is a slip. */
export const JOINING_DAYS = 3_650;
