/**
 * The shell of a page with which a person signs in or looks after an account. Pages hold nothing of anybody: what is
 * private comes by calls of the page's module, so that a page can be kept, and nothing of it may be.
 */
export interface Markup {
  readonly title: string;
  /** The module in `browser/`, without its ending. */
  readonly module: string;
  /** For people who are signed in: has the navigation and the way out. */
  readonly inside: boolean;
  /** Shown once the module says so. */
  readonly body: string;
}

/** Where the files of `browser/` are served. */
export const assetPath = "/account/assets/";

export const styles = ["style.css", "form.css", "list.css"] as const;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%232f7d69'%3E%3Cellipse cx='12' cy='19' rx='10' ry='4'/%3E%3Cellipse cx='12' cy='11.5' rx='7' ry='3.5'/%3E%3Cellipse cx='12' cy='5' rx='4' ry='3'/%3E%3C/svg%3E";

const mark = `<svg class="mark" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false"><ellipse cx="12" cy="19" rx="10" ry="4"/><ellipse cx="12" cy="11.5" rx="7" ry="3.5"/><ellipse cx="12" cy="5" rx="4" ry="3"/></svg>`;

const links = [
  ["account", "/account", "Account"],
  ["keys", "/account/keys", "Keys"],
  ["organisation", "/account/organisation", "Organisation"],
] as const;

const navigation = (module: string): string => `
      <nav aria-label="Account">
        <ul>${links
          .map(([name, path, text]) => {
            const current = name === module ? ' aria-current="page"' : "";
            return `\n          <li><a href="${path}"${current}>${text}</a></li>`;
          })
          .join("")}
        </ul>
      </nav>
      <button type="button" class="quiet" id="sign-out">Sign out</button>`;

/** `modules`: all that the page needs, its own first. */
export const layout = ({ title, module, inside, body }: Markup, modules: readonly string[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${title} · Cairn</title>
    <link rel="icon" href="${icon}">
${styles.map((name) => `    <link rel="stylesheet" href="${assetPath}${name}">\n`).join("")}${modules.map((name) => `    <link rel="modulepreload" href="${assetPath}${name}">\n`).join("")}    <script type="module" src="${assetPath}${module}.js"></script>
  </head>
  <body class="${inside ? "inside" : "door"}">
    <a class="skip" href="#main">Skip to the page</a>
    <header>
      <a class="brand" href="/account">${mark}<span>Cairn</span></a>${inside ? navigation(module) : ""}
    </header>
    <main id="main" tabindex="-1">
      <noscript><p class="note bad">This page needs JavaScript. Turn it on for this address and reload the page.</p></noscript>
      <p id="loading" class="loading" role="status">One moment …</p>
      <div id="page" hidden>${body}
      </div>
      <p id="status" class="status" role="status"></p>
    </main>
  </body>
</html>
`;
