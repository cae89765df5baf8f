/**
 * From text to the token ids of a model, by the model's own tokenizer.json (through @huggingface/tokenizers, in plain
 * JavaScript). Special tokens are ours to add: `[CLS]` or `<s>` written inside a text is plain text, so that what
 * people write cannot steer a model; and texts are cut here, between the pieces, before anything is added.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { type Framing, readFraming } from "./framing.ts";

export interface TextPieces {
  readonly ids: readonly number[];
  /** Whether the piece goes on with the word of the piece before it. */
  readonly continues: (at: number) => boolean;
}

export interface TextTokenizer {
  readonly framing: Framing;
  /** All pieces of a text, without special tokens. Takes time in proportion to the text: cut huge ones before. */
  readonly pieces: (text: string) => TextPieces;
}

const shape = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean().optional() }))
    .default([]),
  model: z.looseObject({
    type: z.string().optional(),
    unk_token: z.string().nullish(),
    unk_id: z.int().nonnegative().nullish(),
    continuing_subword_prefix: z.string().nullish(),
  }),
  post_processor: z.unknown(),
});

/** What is used of the package's tokenizer; its own types do not resolve under Node's rules for modules. */
interface PlainTokenizer {
  readonly encode: (
    text: string,
    options: { readonly add_special_tokens: boolean },
  ) => { readonly ids: readonly number[]; readonly tokens: readonly string[] };
  readonly token_to_id: (token: string) => number | undefined;
}

const invalid = (message: string, cause?: unknown): CairnError =>
  new CairnError("model.invalid", message, { hint: "Models of the BERT family with a tokenizer.json fit." }, { cause });

/** How pieces show that they begin or go on with a word, by the kind of tokenizer. */
const continuation = (type: string | undefined, prefix: string): ((token: string) => boolean) => {
  if (type === undefined || type === "WordPiece") return (token) => token.startsWith(prefix);
  // Unigram marks a word's start with U+2581, byte-level BPE with U+0120.
  return (token) => !token.startsWith("\u2581") && !token.startsWith("\u0120");
};

/** The settings of tokenizer_config.json that change ids. */
export interface TokenizerOptions {
  readonly remove_space?: boolean;
  readonly do_lowercase_and_remove_accent?: boolean;
}

/** `json` is the parsed tokenizer.json. Throws `model.invalid` for a tokenizer that cannot be read. */
export const makeTextTokenizer = (json: unknown, options: TokenizerOptions = {}): TextTokenizer => {
  const found = shape.safeParse(json);
  if (!found.success) throw invalid("tokenizer.json is not what a tokenizer looks like.", found.error);
  const { added_tokens: added, model, post_processor: postProcessor } = found.data;
  const framing = readFraming(postProcessor);
  if (framing === null) throw invalid("tokenizer.json does not say which special tokens stand around a text.");
  const specials = new Set(added.filter(({ special }) => special === true).map(({ content }) => content));
  let tokenizer: PlainTokenizer;
  try {
    // Without the special ones, the tokenizer does not look for them in texts.
    const plain = { ...found.data, added_tokens: added.filter(({ special }) => special !== true) };
    tokenizer = new Tokenizer(plain, options);
  } catch (error) {
    throw invalid("tokenizer.json cannot be used.", error);
  }
  const named = model.unk_token ?? null;
  const unknownId = model.unk_id ?? (named === null ? undefined : tokenizer.token_to_id(named));
  const goesOn = continuation(model.type, model.continuing_subword_prefix ?? "##");

  return {
    framing,
    pieces: (text) => {
      const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: false });
      // Some vocabularies hold special tokens as ordinary pieces; without an unknown piece they are left out.
      const kept = tokens.flatMap((token, at) => {
        const id = specials.has(token) ? unknownId : ids[at];
        return id === undefined ? [] : [{ id, token }];
      });
      return { ids: kept.map(({ id }) => id), continues: (at) => goesOn(kept[at]?.token ?? "") };
    },
  };
};
