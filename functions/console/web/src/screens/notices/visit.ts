const key = (workspace: string) => `gancho-notices-${workspace}`;

/** The time of the newest notice that this browser has shown; null before the first visit. */
export function readVisit(workspace: string): string | null {
  try {
    return localStorage.getItem(key(workspace));
  } catch {
    return null;
  }
}

export function writeVisit(workspace: string, at: string): void {
  try {
    localStorage.setItem(key(workspace), at);
  } catch {
    // Storage can be full or refused: the marks of new notices are then missing, nothing else.
  }
}
