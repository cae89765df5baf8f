/**
 * A model behind any service that speaks OpenAI's embeddings API (EMB-3): api.openai.com, or one on this machine.
 * Passages are cut to pieces, pieces are put into requests of a size that the service takes, and a request that is too
 * much is halved. A text that the service refuses though it takes others has no vectors; it fails nobody else.
 */
import { CairnError } from "@cairn/kernel/error";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { passageTextOf, splitHeader } from "../onnx/passage-text.ts";
import type { TextKind, TextModel } from "../queue/text-model.ts";
import { type Client, makeClient, type RemoteFigures } from "./client.ts";
import { type Endpoint, embeddingsEndpoint } from "./endpoint.ts";
import type { Failure } from "./failure.ts";
import {
  cleanText,
  cutText,
  estimateTokens,
  firstPiece,
  leastPieceTokens,
  pieceTokens,
  queryTokens,
} from "./pieces.ts";
import { realTiming, type Timing } from "./timing.ts";

export interface RemoteModelOptions {
  /** With or without `/v1`, a trailing slash or `/embeddings`. */
  readonly url: string;
  readonly model: string;
  /** Asked of the service; null takes what the model gives. */
  readonly dimensions: number | null;
  /** What the model gave before, so that opening needs no network. */
  readonly knownDimensions?: number | null;
  readonly apiKey: string | null;
  /** What a million tokens cost. */
  readonly price: number | null;
  /** Takes one line when the service fails, and again after it has worked. */
  readonly warn: (line: string) => void;
  readonly timing?: Timing;
}

export interface RemoteModel extends TextModel {
  readonly figures: () => RemoteFigures & { readonly refusedTexts: number };
}

/** Tokens of one request, as estimated; OpenAI's API takes 300,000. */
const requestTokens = 250_000;
/** Characters that wait for one call of `encode`. */
const batchCharacters = 600_000;
const concurrentCalls = 4;
/** Requests that one `encode` may spend on finding out what is too much or refused. */
const mostSplits = 64;
const mostDimensions = 16_384;
const anyWord = "word";

const passageText = passageTextOf({
  pooling: "mean",
  queryPrefix: "",
  passagePrefix: "",
  maxTokens: pieceTokens,
  passage: "[date] author: text",
});

/** The model's id: the same name at two services may be two models. */
export const remoteModelId = (model: string, dimensions: number, { place }: Endpoint): string =>
  `openai:${model.replace(/\s+/gu, "-")}@${dimensions}/${place}`;

const checkKey = (apiKey: string | null): void => {
  if (apiKey === null || /^[\x21-\x7e]+$/u.test(apiKey)) return;
  throw new CairnError("config.invalid", "embedding_api_key holds characters that no key has.", {
    hint: "Copy the key again, without spaces, quotes or line ends.",
  });
};

/** Dimensions that a model gives when it is not asked for any. */
const findDimensions = async (client: Client): Promise<number> => {
  const found = await client.ask([anyWord], { kind: "query", dimensions: null, signal: undefined });
  if (!found.ok) throw client.errorOf(found.failure);
  const dimensions = found.value[0]?.length ?? 0;
  if (dimensions > mostDimensions) throw client.errorOf({ kind: "answer", reason: "answers with too many dimensions" });
  return dimensions;
};

const groupsOf = function* (pieces: readonly string[], most: () => number): Generator<readonly string[]> {
  for (let from = 0; from < pieces.length;) {
    let tokens = estimateTokens(pieces[from] ?? "");
    let to = from + 1;
    for (const texts = most(); to < pieces.length && to - from < texts; to += 1) {
      tokens += estimateTokens(pieces[to] ?? "");
      if (tokens > requestTokens) break;
    }
    yield pieces.slice(from, to);
    from = to;
  }
};

/**
 * Opens the model. Asks the service once when its dimensions are not known; throws `embedding.unavailable` when it does
 * not answer then, and `config.invalid` for an address or a key that cannot be.
 */
export const openRemoteModel = async (options: RemoteModelOptions): Promise<RemoteModel> => {
  const { model, apiKey, price, warn, timing = realTiming } = options;
  checkKey(apiKey);
  const endpoint = embeddingsEndpoint(options.url);
  const client = makeClient({ endpoint, model, dimensions: options.dimensions, apiKey, price, timing, warn });
  const dimensions = options.dimensions ?? options.knownDimensions ?? (await findDimensions(client));
  const closing = new AbortController();
  let longest = pieceTokens;
  let refusedTexts = 0;

  const piecesOf = (text: string, kind: TextKind): readonly string[] => {
    const { header, content } = splitHeader(text);
    if (kind === "query") return [firstPiece(`${header}${content}`, queryTokens)].filter(Boolean);
    const room = Math.max(leastPieceTokens, longest - estimateTokens(header));
    return cutText(content, room).map((piece) => cleanText(`${header}${piece}`));
  };

  const encodePieces = async (all: readonly string[], kind: TextKind, signal: AbortSignal) => {
    let splits = mostSplits;
    let takesOthers: boolean | null = null;
    const asking = { kind, dimensions, signal };

    /** A service that refuses any word has not refused this text: a setting is wrong. */
    const refusesThisText = async (failure: Failure): Promise<boolean> => {
      takesOthers ??= (await client.ask([anyWord], asking)).ok;
      if (!takesOthers) client.pause(failure);
      return takesOthers;
    };

    const shorter = (piece: string, failure: Failure): readonly string[] => {
      const tokens = estimateTokens(piece);
      const half = Math.max(leastPieceTokens, Math.ceil(tokens / 2));
      if (half >= tokens) throw client.errorOf(failure);
      if (kind === "query") return [firstPiece(piece, half)];
      longest = Math.min(longest, half);
      return cutText(piece, half);
    };

    const embed = async (pieces: readonly string[]): Promise<readonly PassageVectors[]> => {
      const answer = await client.ask(pieces, asking);
      if (answer.ok) return answer.value.map((vector) => [vector]);
      const { failure } = answer;
      const isTooMuch = failure.kind === "size" || (failure.timedOut === true && pieces.length > 1);
      if ((!isTooMuch && failure.kind !== "refused") || splits === 0) throw client.errorOf(failure);
      splits -= 1;
      if (pieces.length > 1) {
        if (failure.timedOut === true) client.pace.tooSlow(pieces.length);
        const half = pieces.length >> 1;
        const [splitsBefore, longestBefore] = [splits, longest];
        const vectors = [...(await embed(pieces.slice(0, half))), ...(await embed(pieces.slice(half)))];
        // Both halves were taken as they are: it was their number.
        if (failure.kind === "size" && splits === splitsBefore && longest === longestBefore)
          client.pace.tooMany(pieces.length);
        return vectors;
      }
      const piece = pieces[0] ?? "";
      if (isTooMuch) return [(await embed(shorter(piece, failure))).flat()];
      if (!(await refusesThisText(failure))) throw client.errorOf(failure);
      refusedTexts += 1;
      return [[]];
    };

    const vectors: PassageVectors[] = [];
    for (const group of groupsOf(all, client.pace.texts)) vectors.push(...(await embed(group)));
    return vectors;
  };

  return {
    model: { id: remoteModelId(model, dimensions, endpoint), dimensions, provider: "openai" },
    passageText,
    queryText: (query) => query,
    encode: async (texts, kind, signal) => {
      if (closing.signal.aborted) throw client.errorOf({ kind: "calledOff", reason: "is not asked any more" });
      const pieces = texts.map((text) => piecesOf(text, kind));
      const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
      const vectors = await encodePieces(pieces.flat(), kind, either);
      let from = 0;
      return pieces.map((own) => {
        const found = vectors.slice(from, from + own.length).flat();
        from += own.length;
        if (kind === "passage") return found;
        // A question has exactly one vector; one that holds nothing is all zeros.
        return [found[0] ?? new Float32Array(dimensions)];
      });
    },
    batch: {
      get texts() {
        return client.pace.texts();
      },
      characters: batchCharacters,
      calls: concurrentCalls,
    },
    figures: () => ({ ...client.figures(), refusedTexts }),
    close: async () => closing.abort(),
  };
};
