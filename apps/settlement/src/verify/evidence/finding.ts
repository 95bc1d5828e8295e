/** One thing that an evidence file says, and whether it is so. */
export interface Finding {
  readonly holds: boolean;
  readonly text: string;
}
