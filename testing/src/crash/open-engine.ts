/** The engine that a crash round is about, by where its data is: a folder, or a database's address. */
import type { Engine } from "@cairn/memory/space/engine";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { engineEmbedder } from "../engine/world.ts";

export const openEngineAt = (place: string, threads: number): Engine => {
  const { model } = engineEmbedder;
  return place.startsWith("postgres://")
    ? openPostgresEngine({ url: place, model, threads, connections: 8, keptFrom: 0 })
    : openSqliteEngine({ folder: place, model, threads });
};
