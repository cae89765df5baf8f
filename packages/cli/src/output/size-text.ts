const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1.5 MB`, in powers of 1,000. */
export const sizeText = (bytes: number): string => {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1_000 && unit < units.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
};
