import { createStore } from "../lib/store.ts";

export type ToastTone = "ok" | "bad" | "plain";

export type Toast = {
  id: number;
  at: string;
  tone: ToastTone;
  text: string;
  /** One thing to do about it. */
  action?: { label: string; run: () => void } | undefined;
  /** Stays until it is dismissed: work that goes on. */
  stays?: boolean | undefined;
};

export type NewToast = { text: string } & Partial<Pick<Toast, "tone" | "action" | "stays">>;

/** Messages on the screen, newest last. */
export const toasts = createStore<readonly Toast[]>([]);
/** Everything that was said in this tab, newest first. */
export const activity = createStore<readonly Toast[]>([]);

const MOST_KEPT = 100;
const MOST_SHOWN = 4;
let last = 0;

/** Says something that the reader may overlook: never the only place of an error. Returns the id of the message. */
export function say(message: NewToast): number {
  last += 1;
  const toast: Toast = { id: last, at: new Date().toISOString(), tone: "plain", ...message };
  toasts.set([...toasts.get(), toast].slice(-MOST_SHOWN));
  activity.set([toast, ...activity.get()].slice(0, MOST_KEPT));
  return toast.id;
}

/** Puts new words into a message that is shown, such as the progress of work. */
export function amend(id: number, message: NewToast): void {
  const change = (list: readonly Toast[]) =>
    list.map((toast) =>
      toast.id === id ? { ...toast, stays: undefined, action: undefined, ...message } : toast,
    );
  toasts.set(change(toasts.get()));
  activity.set(change(activity.get()));
}

export function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}
