/** Servers with storage of their own, or sharing one, for tests of requests that are sent twice. */
import { makePipeline } from "@cairn/operations/pipeline";
import { type OpenServices, openServices } from "../services.ts";
import { readSettings } from "../settings.ts";
import { serving } from "../test-support.ts";

export const openServer = async (data: string, databaseUrl?: string) => {
  const env = { CAIRN_DATA: data, ...(databaseUrl === undefined ? {} : { CAIRN_DATABASE_URL: databaseUrl }) };
  const settings = await readSettings({}, { platform: "linux", home: data, hostname: "here", env });
  const services: OpenServices = await openServices(settings, 0);
  const pipeline = makePipeline(services);
  const server = await serving(pipeline, { answers: services.storage.answers });
  const write = (key: string, content: string, more: object = {}) =>
    server.send("POST", "/v1/remember", { content, skip_dedup: true, ...more }, { "Idempotency-Key": key });
  const close = async (): Promise<void> => {
    await server.close();
    await services.close();
  };
  return { ...server, services, write, [Symbol.asyncDispose]: close };
};
