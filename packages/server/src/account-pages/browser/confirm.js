import { make } from "./dom.js";

/**
 * Asks before something that cannot be taken back; the focus returns to where it was.
 * @param {string} question
 * @param {string} consequence
 * @param {string} act what the button says
 * @returns {Promise<boolean>}
 */
export const confirmed = (question, consequence, act) =>
  new Promise((resolve) => {
    const title = make("h2", { id: "confirm-title" }, question);
    const text = make("p", { id: "confirm-text" }, consequence);
    const no = make("button", { value: "no", class: "quiet" }, "Cancel");
    const yes = make("button", { value: "yes", class: "danger" }, act);
    const form = make("form", { method: "dialog" }, title, text, make("p", { class: "row" }, no, yes));
    const dialog = make("dialog", { "aria-labelledby": title.id, "aria-describedby": text.id }, form);
    if (!(dialog instanceof HTMLDialogElement)) return resolve(false);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
