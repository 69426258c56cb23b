/** The thing that a button beside an error leads to; screens draw the ones that they can offer. */
export type NextAction =
  | "mapping"
  | "contact"
  | "reprocess"
  | "activate"
  | "verification"
  | "change_url"
  | "resend"
  | "retry"
  | "disable_endpoint"
  | "publish"
  | "duplicate_of"
  | "settings"
  | "refresh"
  | "deliveries";

/** The next step after a code of the API: a sentence, and a button where one helps. */
export interface Next {
  /** Two to five words, for lists and filters. */
  short: string;
  next: string;
  action?: NextAction;
  /** The words of the button of `action`. */
  button?: string;
}
