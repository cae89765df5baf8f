/**
 * Forms as people with and without a screen reader can use them: what is wrong is said beside its field and the focus
 * goes to the first such field; what is wrong with the whole is said above the button.
 */
import { moveTo } from "./dom.js";
import { Problem, wordsOf } from "./call.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */
/** @typedef {Readonly<Record<string, string>>} Values */

/** @param {HTMLFormElement} form @returns {readonly Field[]} */
const fieldsOf = (form) =>
  [...form.elements].filter((one) => one instanceof HTMLInputElement || one instanceof HTMLSelectElement);

/** @param {Field} field @param {string} text empty: it is fine */
const say = (field, text) => {
  const place = document.getElementById(`${field.id}-error`);
  if (place === null) return;
  place.textContent = text;
  place.hidden = text === "";
  if (text === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
};

/** What is wrong with what was typed; empty: nothing. @param {Field} field */
const wrongWith = (field) => {
  const { value, validity } = field;
  if (validity.valueMissing || (field.required && value.trim() === ""))
    return field.dataset["missing"] ?? "Fill this in.";
  if (validity.typeMismatch) return "This does not look like an e-mail address, such as ada@example.com.";
  if (field instanceof HTMLInputElement && field.minLength > 0 && value.length < field.minLength) {
    return `Use at least ${field.minLength} characters.`;
  }
  return validity.patternMismatch ? (field.dataset["pattern"] ?? "This does not look right.") : "";
};

/** @param {HTMLFormElement} form @param {string} text empty: nothing to say */
const sayAbove = (form, text) => {
  const place = form.querySelector("[data-alert]");
  if (!(place instanceof HTMLElement)) return;
  place.textContent = text;
  place.hidden = text === "";
};

/**
 * Says what is wrong with some fields and goes to the first of them.
 * @param {HTMLFormElement} form
 * @param {ReadonlyMap<string, string>} problems by name
 * @returns {boolean} whether the form has one of them
 */
const sayAll = (form, problems) => {
  const wrong = fieldsOf(form).filter(({ name }) => problems.has(name));
  for (const field of wrong) say(field, problems.get(field.name) ?? "");
  const [first] = wrong;
  if (first === undefined) return false;
  moveTo(first);
  return true;
};

/** The field that a problem's path means, as in `password` or `body.expires_at`. @param {string} path */
const lastPart = (path) => path.split(".").at(-1) ?? path;

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error
 * @param {Values} fieldOf the field that a code is about, and what to say there: `{ "auth.invalid": "password: …" }`
 */
const explain = (form, error, fieldOf) => {
  if (error instanceof Problem) {
    const [, name = "", text = ""] = /^(\w+): (.*)$/su.exec(fieldOf[error.code] ?? "") ?? [];
    const problems = new Map(error.errors.map(({ path, message }) => [lastPart(path), message]));
    if (name !== "") problems.set(name, text);
    if (sayAll(form, problems)) return;
  }
  sayAbove(form, error instanceof Problem ? (fieldOf[error.code] ?? wordsOf(error)) : wordsOf(error));
};

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter @returns {Values} */
const valuesOf = (form, submitter) =>
  Object.fromEntries(
    [...new FormData(form, submitter)].map(([name, value]) => [name, typeof value === "string" ? value : ""]),
  );

/** Empties the form and takes back all that was said of it. @param {HTMLFormElement} form */
export const clear = (form) => {
  form.reset();
  for (const field of fieldsOf(form)) say(field, "");
  sayAbove(form, "");
};

/**
 * Sends a form by `act`, once at a time.
 * @param {HTMLFormElement} form
 * @param {(values: Values, form: HTMLFormElement) => Promise<void>} act
 * @param {Values} [fieldOf] see `explain`
 */
export const onSubmit = (form, act, fieldOf = {}) => {
  let busy = false;
  form.noValidate = true;
  for (const field of fieldsOf(form)) {
    field.addEventListener(
      "input",
      () => field.getAttribute("aria-invalid") === "true" && say(field, wrongWith(field)),
    );
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    sayAbove(form, "");
    const wrong = new Map();
    for (const field of fieldsOf(form)) {
      const text = wrongWith(field);
      say(field, text);
      if (text !== "") wrong.set(field.name, text);
    }
    if (sayAll(form, wrong)) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    void act(valuesOf(form, event.submitter), form)
      .catch((/** @type {unknown} */ error) => explain(form, error, fieldOf))
      .finally(() => {
        busy = false;
        form.removeAttribute("aria-busy");
      });
  });
};

/** The buttons that show what was typed as a password. */
export const passwordToggles = () => {
  for (const toggle of document.querySelectorAll("button[data-shows]")) {
    const field = document.getElementById(toggle.getAttribute("data-shows") ?? "");
    if (!(field instanceof HTMLInputElement)) continue;
    const name = field.labels?.[0]?.textContent ?? "";
    const show = (/** @type {boolean} */ shown) => {
      field.type = shown ? "text" : "password";
      toggle.textContent = shown ? "Hide" : "Show";
      toggle.setAttribute("aria-label", `${toggle.textContent} what is typed: ${name}`);
    };
    show(false);
    toggle.addEventListener("click", () => show(field.type === "password"));
    // Browsers keep what is in fields of other types.
    field.form?.addEventListener("submit", () => show(false));
  }
};
