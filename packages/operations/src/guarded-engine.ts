/**
 * The engine as one call may use it: only spaces that the call was given (`space-access.ts`), and for writing only where
 * its permission is about writing. An operation that forgets to ask for a space gets no data; it cannot leak any.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Engine } from "@cairn/memory/space/engine";
import { type Permission, requirementOf } from "@cairn/memory/permission/permission";

const originals = new WeakMap<Engine, Engine>();

/** What lies behind a guard: what is remembered beside an engine is remembered of this. */
export const originalEngine = (engine: Engine): Engine => originals.get(engine) ?? engine;

export const guardedEngine = (engine: Engine, permission: Permission, isGiven: (space: string) => boolean): Engine => {
  const changes = (requirementOf(permission).space ?? "read") !== "read";
  const given = (space: string): string => {
    if (isGiven(space)) return space;
    throw new CairnError("internal", "An operation used a space that it was not given.");
  };
  const changed = (space: string): string => {
    if (changes) return given(space);
    throw new CairnError("internal", "An operation that may only read tried to write.");
  };
  const guarded: Engine = {
    ...engine,
    read: (space) => engine.read(given(space)),
    write: (space, actor) => engine.write(changed(space), actor),
    drop: (space) => engine.drop(changed(space)),
    repair: (space) => engine.repair(changed(space)),
    check: (space) => engine.check(given(space)),
  };
  originals.set(guarded, engine);
  return guarded;
};
