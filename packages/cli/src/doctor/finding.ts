/** One thing that `cairn doctor` looked at. */
export interface Finding {
  /** What was looked at, such as `data` or `space default`. */
  readonly check: string;
  /** `note` is worth knowing and nothing to mend. */
  readonly level: "ok" | "note" | "problem";
  readonly message: string;
  /** The command or step that mends it. */
  readonly fix: string | null;
}

export const ok = (check: string, message: string): Finding => ({ check, level: "ok", message, fix: null });
export const note = (check: string, message: string, fix: string | null = null): Finding => ({
  check,
  level: "note",
  message,
  fix,
});
export const problem = (check: string, message: string, fix: string): Finding => ({
  check,
  level: "problem",
  message,
  fix,
});
