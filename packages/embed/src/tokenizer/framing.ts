/**
 * The special tokens around a text, or around a question and a text: `[CLS] A [SEP] B [SEP]` for BERT, `<s> A </s></s>
 * B </s>` for RoBERTa. Read from the `post_processor` of tokenizer.json, and put around token ids that have been cut to
 * size already; cutting afterwards would lose the last special token.
 */
import { z } from "zod";

const special = z.object({ SpecialToken: z.object({ id: z.string(), type_id: z.int().nonnegative() }) });
const sequence = z.object({ Sequence: z.object({ id: z.enum(["A", "B"]), type_id: z.int().nonnegative() }) });
const parts = z.array(z.union([special, sequence])).max(16);
const tokenAndId = z.tuple([z.string(), z.int().nonnegative()]);

const template = z.object({
  type: z.literal("TemplateProcessing"),
  single: parts,
  pair: parts,
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().nonnegative()).max(4) })),
});
const bert = z.object({ type: z.enum(["BertProcessing", "RobertaProcessing"]), sep: tokenAndId, cls: tokenAndId });
const processor = z.union([template, bert]);
/** A processor among others in a `Sequence`; those that only mark offsets change no ids. */
const several = z.object({ type: z.literal("Sequence"), processors: z.array(z.unknown()).max(8) });

type Piece =
  | { readonly ids: readonly number[]; readonly type: number }
  | { readonly of: "A" | "B"; readonly type: number };

export interface Framed {
  readonly ids: readonly number[];
  /** 0 for what belongs to the first text, 1 for the second (token_type_ids). */
  readonly types: readonly number[];
}

export interface Framing {
  /** Special tokens beside a single text, and beside a pair. */
  readonly singleExtra: number;
  readonly pairExtra: number;
  readonly single: (ids: readonly number[]) => Framed;
  readonly pair: (first: readonly number[], second: readonly number[]) => Framed;
}

const piecesOf = (list: z.infer<typeof parts>, tokens: z.infer<typeof template>["special_tokens"]): readonly Piece[] =>
  list.map((part): Piece => {
    if ("Sequence" in part) return { of: part.Sequence.id, type: part.Sequence.type_id };
    return { ids: tokens[part.SpecialToken.id]?.ids ?? [], type: part.SpecialToken.type_id };
  });

const fill = (
  pieces: readonly Piece[],
  texts: { readonly A: readonly number[]; readonly B: readonly number[] },
): Framed => {
  const ids: number[] = [];
  const types: number[] = [];
  for (const piece of pieces) {
    for (const id of "of" in piece ? texts[piece.of] : piece.ids) {
      ids.push(id);
      types.push(piece.type);
    }
  }
  return { ids, types };
};

const extra = (pieces: readonly Piece[]): number =>
  pieces.reduce((count, piece) => count + ("of" in piece ? 0 : piece.ids.length), 0);

const framingOf = (single: readonly Piece[], pair: readonly Piece[]): Framing => ({
  singleExtra: extra(single),
  pairExtra: extra(pair),
  single: (ids) => fill(single, { A: ids, B: [] }),
  pair: (first, second) => fill(pair, { A: first, B: second }),
});

/** Null for a post-processor that this does not know. */
export const readFraming = (postProcessor: unknown): Framing | null => {
  const list = several.safeParse(postProcessor);
  if (list.success) {
    return list.data.processors.map(readFraming).find((framing) => framing !== null) ?? null;
  }
  const found = processor.safeParse(postProcessor);
  if (!found.success) return null;
  const { data } = found;
  if (data.type === "TemplateProcessing") {
    return framingOf(piecesOf(data.single, data.special_tokens), piecesOf(data.pair, data.special_tokens));
  }
  const roberta = data.type === "RobertaProcessing";
  const begin: Piece = { ids: [data.cls[1]], type: 0 };
  const end: Piece = { ids: [data.sep[1]], type: 0 };
  // RoBERTa knows one type only, and has two separators between the texts.
  const second = roberta ? 0 : 1;
  const between = roberta ? [end, end] : [end];
  return framingOf(
    [begin, { of: "A", type: 0 }, end],
    [begin, { of: "A", type: 0 }, ...between, { of: "B", type: second }, { ...end, type: second }],
  );
};
