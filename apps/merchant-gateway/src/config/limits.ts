/** A merchant's programs that one terminal tells of sales. */
export const MAX_WEBHOOK_ENDPOINTS = 8;
