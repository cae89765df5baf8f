/**
 * A `MEMORY.md`, or any notes, as memories: one a list item, paragraph, table row or code block. A heading is what
 * its text is about, so it becomes the context and the tags of all that stands below it, and a date in it tells
 * when that happened. A heading with nothing below it is a memory itself: no word of the text is lost, but for
 * HTML comments.
 */
import type { Millis } from "@cairn/kernel/clock";
import { type JsonObject, limits } from "../memory/memory.ts";
import type { ImportDraft } from "./draft.ts";
import { type FrontMatter, readFrontMatter } from "./front-matter.ts";
import { importTime } from "./import-time.ts";
import { type Block, markdownBlocks } from "./markdown-blocks.ts";
import { dateAtStart, dateInFileName, dateInHeading } from "./markdown-dates.ts";
import { markdownLines } from "./markdown-lines.ts";
import { splitText } from "./split-text.ts";

export interface MarkdownOptions {
  /** The file's name or path: daily notes carry their date there. */
  readonly fileName?: string;
}

type Heading = Extract<Block, { kind: "heading" }>;

/** A line such as "The team:" says what the list below it is about. */
const maxIntro = 200;

/** A tag's spelling of a heading: `Coding style (TS)` → `coding-style-ts`. */
export const slug = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .slice(0, limits.tagCharacters)
    .replace(/^-+|-+$/g, "");

const unique = (tags: readonly string[]): readonly string[] =>
  [...new Set(tags.filter((tag) => tag !== "" && tag.length <= limits.tagCharacters))].slice(0, limits.tags);

const frontMatterDate = (matter: FrontMatter | null): Millis | null =>
  importTime(matter?.metadata["date"]) ?? importTime(matter?.metadata["created"]);

interface Place {
  readonly headings: readonly Heading[];
  readonly intro: string | null;
  readonly matter: FrontMatter | null;
  readonly fileDate: Millis | null;
}

const draftsOf = (text: string, checked: boolean | null, place: Place): readonly ImportDraft[] => {
  const { headings, intro, matter, fileDate } = place;
  const titles = headings.map((heading) => heading.text);
  const context = [...titles, ...(intro === null ? [] : [intro])].join(" > ");
  const tags = unique([...titles.map(slug), ...(matter?.tags ?? [])]);
  const inHeading = headings.map((heading) => dateInHeading(heading.text)).findLast((date) => date !== null);
  const occurredAt = dateAtStart(text) ?? inHeading ?? frontMatterDate(matter) ?? fileDate;
  const parts = splitText(text, limits.contentCharacters);
  return parts.map((content, index) => {
    const metadata: JsonObject = {
      ...matter?.metadata,
      ...(checked === null ? {} : { checked }),
      ...(parts.length === 1 ? {} : { part: index + 1, parts: parts.length }),
    };
    return {
      content,
      ...(context === "" ? {} : { context }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      ...(occurredAt === null ? {} : { occurredAt }),
    };
  });
};

const isIntro = (block: Block, next: Block | undefined): boolean =>
  block.kind === "paragraph" &&
  block.text.endsWith(":") &&
  block.text.length <= maxIntro &&
  next !== undefined &&
  next.kind !== "paragraph" &&
  next.kind !== "heading";

/** Reads a Markdown text, whatever it looks like; never throws. Drafts come in the order of the text. */
export const readMarkdown = (text: string, options: MarkdownOptions = {}): readonly ImportDraft[] => {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  const matter = readFrontMatter(lines);
  const blocks = markdownBlocks(markdownLines(lines.slice(matter?.lines ?? 0)));
  const fileDate = options.fileName === undefined ? null : dateInFileName(options.fileName);
  const drafts: ImportDraft[] = [];
  let headings: readonly Heading[] = [];
  let intro: { readonly text: string; readonly of: Block["kind"] } | null = null;
  blocks.forEach((block, index) => {
    const next = blocks[index + 1];
    if (block.kind !== intro?.of) intro = null;
    if (block.kind === "heading") {
      const above = headings.filter((heading) => heading.level < block.level);
      headings = [...above, block];
      const isLeaf = next === undefined || (next.kind === "heading" && next.level <= block.level);
      if (isLeaf) drafts.push(...draftsOf(block.text, null, { headings: above, intro: null, matter, fileDate }));
    } else if (isIntro(block, next)) {
      intro = { text: block.text.slice(0, -1).trim(), of: next?.kind ?? "item" };
    } else {
      const checked = block.kind === "item" ? block.checked : null;
      drafts.push(...draftsOf(block.text, checked, { headings, intro: intro?.text ?? null, matter, fileDate }));
    }
  });
  if (drafts.length === 0 && matter !== null)
    return draftsOf(matter.raw, null, { headings, intro: null, matter: null, fileDate });
  return drafts;
};
