/**
 * The thread of the built-in embedder: gets the shared table as its worker data, then embeds slice after slice. It
 * keeps nothing between slices, so its owner may end it at any time.
 */
import { parentPort, workerData } from "node:worker_threads";

import { makeStaticEncoder } from "./embed.ts";
import type { StaticTable } from "./table.ts";
import { packVectors, type SliceMessage } from "./worker-messages.ts";

const encoder = makeStaticEncoder(workerData as StaticTable);

parentPort?.on("message", ({ passages }: SliceMessage) => {
  const message = packVectors(encoder.dimensions, passages.map(encoder.encodePassage));
  parentPort?.postMessage(message, [message.counts.buffer as ArrayBuffer, message.values.buffer as ArrayBuffer]);
});
