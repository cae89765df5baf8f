/**
 * What mails say, as plain text and as simple HTML of the same words: no images, no styles from elsewhere, nothing that
 * tells when it was read. What people named (themselves, organisations) is kept to one line and escaped.
 */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Parts {
  readonly subject: string;
  readonly lines: readonly string[];
  readonly link?: { readonly label: string; readonly url: string };
  readonly ending: readonly string[];
}

const mostName = 80;

/** A header is one line, and a name is a name: neither controls nor addresses of pages get into a mail by it. */
export const oneLine = (given: string): string => {
  const line = given
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/:\/\//gu, ": //")
    .replace(/\s+/gu, " ")
    .trim();
  return line.length > mostName ? `${line.slice(0, mostName)}…` : line;
};

const escaped = (text: string): string => text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);

const letterOf = ({ subject, lines, link, ending }: Parts): Letter => {
  const linked = link === undefined ? [] : [link.url];
  const paragraphs = (texts: readonly string[]): string => texts.map((text) => `<p>${escaped(text)}</p>`).join("");
  const anchor =
    link === undefined
      ? ""
      : `<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p><p>${escaped(link.url)}</p>`;
  return {
    subject: oneLine(subject),
    text: [...lines, ...linked, ...ending].join("\n\n"),
    html: `<!doctype html><html lang="en"><body>${paragraphs(lines)}${anchor}${paragraphs(ending)}</body></html>`,
  };
};

const ignore = "If you did not ask for this, nothing happens: you can ignore this mail.";

/** To an address that wants an account and has none. */
export const joinLetter = (url: string, hours: number): Letter =>
  letterOf({
    subject: "Confirm your address for Cairn",
    lines: ["Somebody, probably you, wants an account of this address at a Cairn server. To make it, open:"],
    link: { label: "Confirm the address and choose a password", url },
    ending: [`The link works once, for ${hours} hours.`, ignore],
  });

/** To an address that has an account already: the answer on the page does not tell. */
export const knownLetter = (signIn: string): Letter =>
  letterOf({
    subject: "You have an account at Cairn",
    lines: ["Somebody, probably you, asked for an account of this address. There is one already. Sign in at:"],
    link: { label: "Sign in", url: signIn },
    ending: ["If you have forgotten the password, you can ask for a new one there.", ignore],
  });

export const resetLetter = (url: string, hours: number): Letter =>
  letterOf({
    subject: "A new password for Cairn",
    lines: ["Somebody, probably you, wants a new password for the account of this address. To choose one, open:"],
    link: { label: "Choose a new password", url },
    ending: [`The link works once, for ${hours} hour${hours === 1 ? "" : "s"}. It signs you out everywhere.`, ignore],
  });

/** To the owner of an account after something about its protection changed. */
export const noticeLetter = (what: string, forgot: string): Letter =>
  letterOf({
    subject: "Your Cairn account was changed",
    lines: [what, "If this was not you, choose a new password at once:"],
    link: { label: "Choose a new password", url: forgot },
    ending: [],
  });

export const invitationLetter = (given: {
  readonly organisation: string;
  readonly invitedBy: string | null;
  readonly url: string;
  readonly until: Date;
}): Letter => {
  const organisation = oneLine(given.organisation);
  const by = given.invitedBy === null ? "You are invited" : `${oneLine(given.invitedBy)} invites you`;
  return letterOf({
    subject: `Invitation to ${organisation} at Cairn`,
    lines: [`${by} to ${organisation} at a Cairn server. To accept, open:`],
    link: { label: "Accept the invitation", url: given.url },
    ending: [
      `The link works once, until ${given.until.toISOString().slice(0, 16).replace("T", " ")} UTC.`,
      "If you do not know what this is about, you can ignore this mail.",
    ],
  });
};
