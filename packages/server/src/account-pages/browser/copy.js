import { announce } from "./dom.js";

/**
 * Copies a text, or selects it where the browser lets no page copy (as on an address without https).
 * @param {string} text
 * @param {HTMLElement} shown where it stands on the page
 */
export const copy = async (text, shown) => {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied.");
  } catch {
    getSelection()?.selectAllChildren(shown);
    announce("Selected. Copy it with the keyboard.");
  }
};
