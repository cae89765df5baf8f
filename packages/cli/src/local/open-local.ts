/**
 * The data folder, opened for one command. Several processes share it safely, so no server needs to run. SQLite works
 * in this thread, because nobody else waits for it.
 */
import { newId } from "@cairn/kernel/id";
import { homeOrganisation, localIdentity } from "@cairn/memory/permission/identity";
import type { Caller } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { makePipeline } from "@cairn/operations/pipeline";
import { type OpenServices, openServices } from "@cairn/server/services";
import { readSettings, type Settings, type SettingsFlags } from "@cairn/server/settings";
import type { Machine } from "@cairn/server/settings/data-folder";
import type { z } from "zod";

export type Call = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  input: unknown,
) => Promise<z.output<Out>>;

export interface Local extends AsyncDisposable {
  readonly settings: Settings;
  readonly services: OpenServices;
  /** Calls an operation as the person at this machine, in the home organisation. */
  readonly call: Call;
  /** The same in another organisation, by its id. */
  readonly callIn: (organisation: string) => Call;
}

/** Services on a data folder, for as long as one command runs. Throws storage.* and embedding.unavailable. */
export const openLocalServices = async (settings: Settings): Promise<OpenServices & AsyncDisposable> => {
  const services = await openServices(settings, 0);
  return { ...services, [Symbol.asyncDispose]: services.close };
};

export const openLocal = async (flags: SettingsFlags, machine: Machine): Promise<Local> => {
  const settings = await readSettings(flags, machine);
  const services = await openLocalServices(settings);
  const pipeline = makePipeline(
    services,
    services.access.pipeline(() => undefined),
  );
  const { instance } = settings;
  const callIn =
    (organisation: string): Call =>
    (operation, input) => {
      const caller: Caller = {
        identity: { ...localIdentity("shell"), organisation },
        instance,
        requestId: newId(),
        edge: "cli",
        defaultSpace: "default",
        address: null,
      };
      return pipeline.call(operation, caller, input);
    };
  return {
    settings,
    services,
    call: callIn(homeOrganisation),
    callIn,
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  };
};
