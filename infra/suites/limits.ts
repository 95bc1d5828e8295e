/**
 * Processes of suites that compute beside each other: most machines that test have two cores, and one of three mostly waits
 * for a chain, a card or a program that starts.
 */
export const PLACES = 3;
