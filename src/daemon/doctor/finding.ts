/** One thing that was looked at: what it is like, and what to do where it is wrong. */
export interface Finding {
  readonly state: "fine" | "wrong";
  /** What was looked at, such as `topic configdrive`. */
  readonly subject: string;
  readonly says: string;
  /** Set where it is wrong. */
  readonly advice?: string;
}

export function fine(subject: string, says: string): Finding {
  return { state: "fine", subject, says };
}

export function wrong(subject: string, says: string, advice: string): Finding {
  return { state: "wrong", subject, says, advice };
}
