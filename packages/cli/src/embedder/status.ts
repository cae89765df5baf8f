import { embedderStatus } from "@cairn/operations/operations/embedder/status";
import { listSpaces } from "@cairn/operations/operations/spaces/list";
import type { z } from "zod";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import type { Local } from "../local/open-local.ts";
import { printJson } from "../output/json-document.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";

type Status = z.output<typeof embedderStatus.output>;
interface SpaceStatus {
  readonly name: string;
  readonly status: Status["space"];
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** What a space still waits for, and what it is changing to. */
const progressOf = ({ missing, next }: Status["space"]): string => {
  if (next !== null) return `changing to ${next.model.id}: ${Math.floor(next.done * 100)} %, ${next.missing} to do`;
  return missing === 0 ? "complete" : `${count(missing, "text")} found by words only, until their vectors are made`;
};

const statusText = (host: Host, { configured, available, reason }: Status, spaces: readonly SpaceStatus[]): string => {
  const style = styleFor(host, host.out);
  const state = available ? style.good("answers") : style.bad(`does not answer: ${reason ?? "unknown"}`);
  const rows = spaces.map(({ name, status }) => [
    name,
    status.model?.id ?? "none yet",
    String(status.documents),
    progressOf(status),
  ]);
  const head = `${style.bold(configured.id)}, ${configured.dimensions} dimensions, ${configured.provider}: ${state}\n`;
  return `${head}${tableText(["space", "model", "texts", "vectors"], rows, style)}`;
};

/** Of one space as the API answers; of all of them without `space`. */
export const showEmbedderStatus = async (
  host: Host,
  { call }: Local,
  space: string | undefined,
  json: boolean,
): Promise<ExitCode> => {
  const { spaces } = await call(listSpaces, {});
  const wanted = space === undefined ? spaces : [];
  const first = await call(embedderStatus, space === undefined ? {} : { space });
  const all: SpaceStatus[] = [];
  for (const { id, name } of wanted) {
    const { space: status } = id === first.space.id ? first : await call(embedderStatus, { space: id });
    all.push({ name, status });
  }
  if (all.length === 0)
    all.push({ name: spaces.find(({ id }) => id === first.space.id)?.name ?? "default", status: first.space });
  if (!json) await host.out.write(statusText(host, first, all));
  else if (space === undefined) {
    const { space: _, ...rest } = first;
    await printJson(host, { ...rest, spaces: all.map(({ name, status }) => ({ name, ...status })) });
  } else await printJson(host, first);
  return exitCodes.ok;
};
