/** Knows nothing of the document. */

/** The first that is named wins: many browsers also name those that they are like. */
const browsers = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//u],
  ["Opera", /\bOPR\//u],
  ["Firefox", /\b(?:Firefox|FxiOS)\//u],
  ["Chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\//u],
  ["Safari", /\bSafari\//u],
];
const systems = [
  ["iPhone", /\biPhone\b/u],
  ["iPad", /\biPad\b/u],
  ["Android", /\bAndroid\b/u],
  ["Windows", /\bWindows\b/u],
  ["ChromeOS", /\bCrOS\b/u],
  ["Mac", /\bMac(?:intosh| OS)/u],
  ["Linux", /\bLinux\b/u],
];

/** @param {readonly (readonly (string | RegExp)[])[]} known @param {string} text */
const named = (known, text) => {
  const found = known.find(([, pattern]) => pattern instanceof RegExp && pattern.test(text))?.[0];
  return typeof found === "string" ? found : null;
};

/**
 * What a person calls the device of a User-Agent header: "Firefox on Windows".
 * @param {string | null} userAgent
 * @returns {string}
 */
export const deviceName = (userAgent) => {
  if (userAgent === null || userAgent === "") return "Unknown device";
  const browser = named(browsers, userAgent);
  const system = named(systems, userAgent);
  if (browser === null) return system === null ? userAgent.slice(0, 60) : `A program on ${system}`;
  return system === null ? browser : `${browser} on ${system}`;
};
