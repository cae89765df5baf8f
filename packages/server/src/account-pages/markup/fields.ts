/** Parts of forms. What `browser/form.js` needs of a field is made here: its label, its hint, the place of its error. */

export interface FieldMarkup {
  readonly id: string;
  /** What the form calls it; the id when absent. */
  readonly name?: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password" | "date";
  /** As HTML's `autocomplete`; "off" when absent. */
  readonly autocomplete?: string;
  readonly hint?: string;
  /** What to say where nothing was typed; absent: it may be empty. */
  readonly missing?: string;
  /** Characters. */
  readonly least?: number;
  readonly most?: number;
  /** Further attributes, as they stand in HTML. */
  readonly more?: string;
}

const error = (id: string): string => `<p class="error" id="${id}-error" hidden></p>`;

export const field = (given: FieldMarkup): string => {
  const { id, name = id, label, type = "text", autocomplete = "off", hint, missing, least, most = 200, more } = given;
  const described = [...(hint === undefined ? [] : [`${id}-hint`]), `${id}-error`].join(" ");
  const attributes = [
    `id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}" aria-describedby="${described}"`,
    `maxlength="${most}"`,
    ...(least === undefined ? [] : [`minlength="${least}"`]),
    ...(missing === undefined ? [] : [`required data-missing="${missing}"`]),
    ...(type === "email" || type === "password" ? [`autocapitalize="none" spellcheck="false"`] : []),
    ...(more === undefined ? [] : [more]),
  ].join(" ");
  const input = `<input ${attributes}>`;
  const toggle = `<button type="button" class="toggle" data-shows="${id}">Show</button>`;
  return `
          <div class="field">
            <label for="${id}">${label}</label>${hint === undefined ? "" : `\n            <p class="hint" id="${id}-hint">${hint}</p>`}
            ${type === "password" ? `<div class="with-toggle">${input}${toggle}</div>` : input}
            ${error(id)}
          </div>`;
};

export const choice = (
  id: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  hint?: string,
): string => `
          <div class="field">
            <label for="${id}">${label}</label>${hint === undefined ? "" : `\n            <p class="hint" id="${id}-hint">${hint}</p>`}
            <select id="${id}" name="${id}" aria-describedby="${hint === undefined ? "" : `${id}-hint `}${id}-error">${options
              .map(([value, text]) => `<option value="${value}">${text}</option>`)
              .join("")}</select>
            ${error(id)}
          </div>`;

/** Where `form.js` says what is wrong with the form as a whole. */
export const alertPlace = `
          <p class="note bad" role="alert" data-alert hidden></p>`;

export const email = (id: string, label = "E-mail address"): string =>
  field({
    id,
    name: "email",
    label,
    type: "email",
    autocomplete: "username",
    missing: "Type your e-mail address.",
    most: 254,
    more: 'inputmode="email"',
  });

export const newPassword = (id: string, label: string, name = "password"): string =>
  field({
    id,
    name,
    label,
    type: "password",
    autocomplete: "new-password",
    hint: "At least 8 characters. A few unrelated words are better than one short one.",
    missing: "Choose a password.",
    least: 8,
    most: 128,
  });

export const currentPassword = (id: string, label = "Password", name = "password"): string =>
  field({
    id,
    name,
    label,
    type: "password",
    autocomplete: "current-password",
    missing: "Type your password.",
    most: 128,
  });
