/** A remote model, opened on a service that a test tells how to behave, with time that only passes by waiting. */
import { openRemoteModel, type RemoteModelOptions } from "./remote-model.ts";
import { makeFakeTiming, startService } from "./unruly-service.fixture.ts";

export const setUpRemote = async (options: Partial<RemoteModelOptions> = {}) => {
  const service = await startService();
  const time = makeFakeTiming();
  const warnings: string[] = [];
  const model = await openRemoteModel({
    url: service.url,
    model: "text-embedding-test",
    dimensions: 4,
    apiKey: "sk-secret-key",
    price: null,
    warn: (line) => warnings.push(line),
    timing: time.timing,
    ...options,
  });
  const dispose = async (): Promise<void> => {
    await model.close();
    await service.close();
  };
  return { service, ...time, warnings, model, [Symbol.asyncDispose]: dispose };
};
