/** Small helpers around the document. Text is only ever set as text, never as markup. */

/**
 * The element of that id; the page has it, or is broken.
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export const byId = (id, kind) => {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`The page lacks #${id}.`);
};

/** @param {string} id */
export const part = (id) => byId(id, HTMLElement);

/** @param {string} id */
export const formOf = (id) => byId(id, HTMLFormElement);

/**
 * A new element. An attribute that is `true` has no value, one that is `false` is left out.
 * @param {string} tag
 * @param {Readonly<Record<string, string | boolean>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

/**
 * @param {string} text
 * @param {() => void | Promise<void>} act
 * @param {Readonly<Record<string, string>>} [attributes]
 */
export const button = (text, act, attributes = {}) => {
  const element = make("button", { type: "button", class: "quiet", ...attributes }, text);
  element.addEventListener("click", () => void act());
  return element;
};

/** Shows the first and hides the others. @param {HTMLElement} shown @param {...HTMLElement} hidden */
export const showOnly = (shown, ...hidden) => {
  for (const one of hidden) one.hidden = true;
  shown.hidden = false;
};

/** Moves the keyboard and the screen reader there. @param {HTMLElement} element */
export const moveTo = (element) => {
  if (!element.matches("input, select, textarea, button, a[href]")) element.tabIndex = -1;
  element.focus();
};

const shownMs = 10_000;
let clearing = 0;

/** Says something without moving the focus, and shows it for a while; the same text again is said again. @param {string} text */
export const announce = (text) => {
  const place = part("status");
  place.textContent = "";
  clearTimeout(clearing);
  clearing = setTimeout(() => (place.textContent = ""), shownMs);
  requestAnimationFrame(() => (place.textContent = text));
};

const dateAndTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const dateOnly = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });

/**
 * @param {string} iso
 * @param {"time" | "date"} [precision]
 */
export const timeOf = (iso, precision = "time") =>
  make("time", { datetime: iso }, (precision === "time" ? dateAndTime : dateOnly).format(new Date(iso)));
